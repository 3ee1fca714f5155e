-- ARGV: 3 the name of an index entry. Keys and records in turn, the oldest first; members without a record are
-- dropped.
local index = index_key(ARGV[3])
local found = {}
for _, key in ipairs(redis.call('ZRANGE', index, 0, -1)) do
  local held = read(key)
  if held then
    found[#found + 1] = key
    found[#found + 1] = held
  else
    redis.call('ZREM', index, key)
  end
end
return found
