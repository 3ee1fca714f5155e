-- ARGV: 3 the name of an index entry, 4 for how long, in milliseconds. The latest moment and the longest time stand.
local burial = burial_key(ARGV[3])
local at = math.max(tonumber(redis.call('GET', burial) or '0'), now)
local time = math.max(redis.call('PTTL', burial), tonumber(ARGV[4]))
redis.call('SET', burial, string.format('%.0f', at), 'PX', string.format('%.0f', time))
return 0
