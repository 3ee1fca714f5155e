-- The generic cell rate algorithm: see gcra.rs, which this must agree with. After `now` in Unix microseconds.
-- KEYS: the theoretical arrival time. ARGV: capacity and increment in microseconds. Gives whether it is allowed, and
-- how far the arrival time lay ahead of now. All numbers are whole and below 2^53.
local capacity, increment = tonumber(ARGV[1]), tonumber(ARGV[2])
local arrival = tonumber(redis.call('GET', KEYS[1]) or '0')
local ahead = math.min(math.max(arrival - now, 0), capacity)
if ahead + increment > capacity then
  -- Where a clock that was set back since has left it, it would not pass for as long.
  if arrival - now > capacity and capacity > 0 then
    redis.call('SET', KEYS[1], string.format('%.0f', now + capacity), 'PX', string.format('%.0f', math.ceil(capacity / 1000)))
  end
  return {0, ahead}
end
local used = ahead + increment
if increment > 0 then
  -- Not with `tostring`, which rounds to 14 digits.
  redis.call('SET', KEYS[1], string.format('%.0f', now + used), 'PX', string.format('%.0f', math.ceil(used / 1000)))
end
return {1, ahead}
