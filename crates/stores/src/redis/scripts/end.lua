-- ARGV: 3 key, 4 how long the tombstone stands, in milliseconds. 1 if it was there.
local key, time = ARGV[3], tonumber(ARGV[4])
local held = read(key)
tell(key)
if held then remove(key, held) end
local tombstone = tombstone_key(key)
if redis.call('PTTL', tombstone) < time then redis.call('SET', tombstone, '1', 'PX', ARGV[4]) end
if is_live(held) then return 1 end
return 0
