-- ARGV: 3 key, 4.. the record. 0 created, 1 taken, 2 buried.
local key = ARGV[3]
local held = read(key)
if is_live(held) or redis.call('EXISTS', tombstone_key(key)) == 1 then return 1 end
local new = {unpack(ARGV, 4)}
if is_buried(new) then return 2 end
tell(key)
if held then remove(key, held) end
write(key, new)
return 0
