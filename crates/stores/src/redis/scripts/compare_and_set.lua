-- ARGV: 3 key, 4 the expected version, 5.. the record. Nil if it is gone, else the version it has now: the new one
-- if and only if it was written.
local key, expected = ARGV[3], ARGV[4]
local held = read(key)
if not is_live(held) or redis.call('EXISTS', tombstone_key(key)) == 1 then return false end
local new = {unpack(ARGV, 5)}
if is_buried(held) or is_buried(new) then return false end
if held[1] ~= expected then return {0, held[1]} end
if tonumber(held[6]) > tonumber(new[6]) then new[6] = held[6] end
if tonumber(held[7]) > tonumber(new[7]) then new[7] = held[7] end
tell(key)
remove(key, held)
write(key, new)
return {1, new[1]}
