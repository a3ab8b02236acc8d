-- Counters with their history.
--
-- KEYS stat_       prefix of Ruby's counters
-- KEYS minutes_    prefix of our hashes of one day each: MINUTE:NAME -> count
-- KEYS days_       prefix of our hashes of 100 days each: DAY:NAME -> count

-- Since 1970 in seconds: one bucket; one hash; how long a hash is kept after its last new bucket.
local GRAINS = {
  minute = {prefix = minutes_, bucket = 60, hash = 86400, kept = 9 * 86400},
  day = {prefix = days_, bucket = 86400, hash = 100 * 86400, kept = 501 * 86400},
}

-- The hash and the field of the bucket that begins at `start`.
local function bucket_at(grain, start, name)
  return grain.prefix .. digits(math.floor(start / grain.hash)), digits(start) .. ':' .. name
end

local function add_to_history(name, by, now)
  for _, grain in pairs(GRAINS) do
    local start = math.floor(now / 1000000 / grain.bucket) * grain.bucket
    local hash, field = bucket_at(grain, start, name)
    if call('HINCRBY', hash, field, by) == tonumber(by) then
      call('EXPIRE', hash, grain.kept)
    end
  end
end

-- A counter that somebody made a text must not keep a job from settling: hence pcall.
local function count(name, now, worker)
  redis.pcall('INCRBY', stat_ .. name, 1)
  if worker then
    redis.pcall('INCRBY', stat_ .. name .. ':' .. worker, 1)
  end
  add_to_history(name, 1, now)
end
