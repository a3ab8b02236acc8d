-- Workers whose lease is over, longest first; then those of which nothing is left but what came along with a job.
--
-- KEYS leases      zset: id of a worker of ours -> end of its lease, in microseconds
-- KEYS worker_     prefix of Ruby's in-flight records
-- KEYS bundles     see _bundles.lua
-- ARGV limit       how many at most
-- Reply: {id, record or nil, what is in `bundles` or nil, ...}.
-- include: _clock
-- include: _orphans

-- So many bundles are looked at by each call, on the average: of a thousand workers, each asks.
local LOOKED_AT = 20

local now, answer, seen = read_clock(), {}, {}
local over = call('ZRANGEBYSCORE', leases, '-inf', digits(now), 'LIMIT', 0, limit)
for _, worker in ipairs(over) do
  local record = call('GET', worker_ .. worker)
  answer[#answer + 1] = worker
  answer[#answer + 1] = record
  answer[#answer + 1] = not is_orphan(record) and call('HGET', bundles, worker)
  seen[worker] = true
end
local kept = call('HLEN', bundles)
if kept > 0 and now % math.ceil(kept / LOOKED_AT) == 0 then
  for _, worker in ipairs(call('HKEYS', bundles)) do
    if #answer < 3 * limit and not seen[worker] and is_orphan(call('GET', worker_ .. worker)) then
      answer[#answer + 1] = worker
      answer[#answer + 1] = false
      answer[#answer + 1] = false
    end
  end
end
return answer
