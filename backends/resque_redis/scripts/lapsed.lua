-- Workers whose lease is over, longest first.
--
-- KEYS leases      zset: id of a worker of ours -> end of its lease, in microseconds
-- KEYS worker_     prefix of Ruby's in-flight records
-- ARGV limit       how many at most
-- Reply: {id, record or nil, id, record or nil, ...}.
-- include: _clock

local answer = {}
local over = call('ZRANGEBYSCORE', leases, '-inf', digits(read_clock()), 'LIMIT', 0, limit)
for _, worker in ipairs(over) do
  answer[#answer + 1] = worker
  answer[#answer + 1] = call('GET', worker_ .. worker)
end
return answer
