-- Every pool whose lease runs.
--
-- KEYS pools       zset: id of a pool -> end of its lease, in microseconds
-- KEYS pool_       prefix of hashes: `about` what the pool says of itself
-- Reply: {id, what it says, microseconds of lease left, ...}.
-- include: _clock

local now = read_clock()
local answer = {}
local found = call('ZRANGEBYSCORE', pools, '(' .. digits(now), '+inf', 'WITHSCORES')
for i = 1, #found, 2 do
  answer[#answer + 1] = found[i]
  answer[#answer + 1] = call('HGET', pool_ .. found[i], 'about') or ''
  answer[#answer + 1] = digits(tonumber(found[i + 1]) - now)
end
return answer
