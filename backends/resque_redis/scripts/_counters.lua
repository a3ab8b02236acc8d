-- Counters with their history.
--
-- KEYS stat_       prefix of Ruby's counters
-- KEYS minutes_    prefix of our hashes of one day each: MINUTE:NAME -> count
-- KEYS days_       prefix of our hashes of 100 days each: DAY:NAME -> count

-- Of a grain, since 1970 in seconds: the prefix of its hashes; one bucket; one hash; how long a hash is kept after its
-- last new bucket.
local function grain_of(name)
  if name == 'minute' then
    return minutes_, 60, 86400, 9 * 86400
  end
  return days_, 86400, 100 * 86400, 501 * 86400
end

-- The hash and the field of the bucket that begins at `start`.
local function bucket_at(prefix, span, start, name)
  return prefix .. short_digits(math.floor(start / span)), short_digits(start) .. ':' .. name
end

local function add_to_bucket(name, by, now, prefix, bucket, span, kept)
  local start = math.floor(now / 1000000 / bucket) * bucket
  local hash, field = bucket_at(prefix, span, start, name)
  if call('HINCRBY', hash, field, by) == tonumber(by) then
    call('EXPIRE', hash, kept)
  end
end

local function add_to_history(name, by, now)
  add_to_bucket(name, by, now, grain_of('minute'))
  add_to_bucket(name, by, now, grain_of('day'))
end

-- A counter that somebody made a text must not keep a job from settling: hence pcall. What it grows by, by one if that is
-- not said, is a text, since the server is slow at writing numbers.
local function count(name, now, worker, by)
  by = by or '1'
  redis.pcall('INCRBY', stat_ .. name, by)
  if worker then
    redis.pcall('INCRBY', stat_ .. name .. ':' .. worker, by)
  end
  add_to_history(name, by, now)
end
