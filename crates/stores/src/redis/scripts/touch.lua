-- ARGV: 3 key, 4 last seen, 5 idle end. 1 if it is there.
local key = ARGV[3]
local held = read(key)
if not is_live(held) or is_buried(held) then return 0 end
local seen, idle = tonumber(ARGV[4]) > tonumber(held[6]), tonumber(ARGV[5]) > tonumber(held[7])
if seen or idle then
  tell(key)
  if seen then held[6] = ARGV[4] end
  if idle then held[7] = ARGV[5] end
  redis.call('HSET', record_key(key), 'l', held[6], 'i', held[7])
  keep(key, held)
end
return 1
