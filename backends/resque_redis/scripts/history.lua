-- A counter's last buckets.
--
-- ARGV counter     its name
-- ARGV grain       `minute` or `day`
-- ARGV length      how many buckets
-- Reply: {start of the last bucket in seconds since 1970, value or nil of the oldest, ...}.
-- include: _clock
-- include: _counters

local prefix, bucket, span = grain_of(grain)
local latest = math.floor(read_clock() / 1000000 / bucket) * bucket
local answer = {latest}
for back = length - 1, 0, -1 do
  local hash, field = bucket_at(prefix, span, latest - back * bucket, counter)
  answer[#answer + 1] = call('HGET', hash, field)
end
return answer
