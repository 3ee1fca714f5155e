-- What all scripts about sessions begin with.
--
-- ARGV[1] is what all our keys begin with; it holds a hash tag, so all of them are in one slot. ARGV[2] is the
-- present time in Unix seconds, by the clock that records are dated with. Numbers in records are decimal text.
local base, now = ARGV[1], tonumber(ARGV[2])

-- The order in which records are passed in and out: version, schema, subject, sid ('' or 's' before it), created,
-- last seen, idle end, absolute end, label, sealed.
local FIELDS = {'v', 'h', 'u', 's', 'c', 'l', 'i', 'a', 'n', 'd'}
-- Ten years in milliseconds: the longest that anything is kept.
local LONGEST = 315360000000

local function record_key(key) return base .. 's:' .. key end
local function tombstone_key(key) return base .. 't:' .. key end
local function index_key(name) return base .. 'i:' .. name end
local function burial_key(name) return base .. 'b:' .. name end

-- The fields of the record under this key, or nil. Ended ones too.
local function read(key)
  local held = redis.call('HMGET', record_key(key), unpack(FIELDS))
  if not held[1] then return nil end
  return held
end

local function is_live(held)
  return held and now < tonumber(held[7]) and now < tonumber(held[8])
end

-- Calls `visit` with each index entry the record belongs to.
local function each_name(held, visit)
  visit(held[3])
  if held[4] ~= '' then visit(string.sub(held[4], 2)) end
end

local function is_buried(held)
  local found = false
  each_name(held, function(name)
    local at = redis.call('GET', burial_key(name))
    if at and tonumber(held[5]) <= tonumber(at) then found = true end
  end)
  return found
end

-- Tells all instances that what they know of this session is old. Before anything is written: who may not publish
-- must not write either, or the others would go on with what they know.
local function tell(key)
  redis.call('PUBLISH', base .. 'moved', key)
end

local function milliseconds(seconds)
  return string.format('%.0f', math.min(seconds * 1000, LONGEST))
end

local function keep(key, held)
  -- A second longer than it lives: readers compare the times, this only cleans up.
  local left = math.min(tonumber(held[7]), tonumber(held[8])) - now + 1
  redis.call('PEXPIRE', record_key(key), milliseconds(math.max(left, 1)))
end

local function remove(key, held)
  each_name(held, function(name) redis.call('ZREM', index_key(name), key) end)
  redis.call('DEL', record_key(key))
end

local function write(key, held)
  local pairs = {}
  for number, field in ipairs(FIELDS) do
    pairs[2 * number - 1] = field
    pairs[2 * number] = held[number]
  end
  redis.call('HSET', record_key(key), unpack(pairs))
  keep(key, held)
  each_name(held, function(name)
    local index = index_key(name)
    redis.call('ZADD', index, held[5], key)
    local time = milliseconds(math.max(tonumber(held[8]) - now + 1, 1))
    if redis.call('PTTL', index) < tonumber(time) then redis.call('PEXPIRE', index, time) end
    -- A few at random each time, so that sessions that have ended by themselves do not pile up.
    for _, member in ipairs(redis.call('ZRANDMEMBER', index, 8)) do
      if redis.call('EXISTS', record_key(member)) == 0 then redis.call('ZREM', index, member) end
    end
  end)
end
