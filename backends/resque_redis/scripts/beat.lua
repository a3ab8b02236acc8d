-- Renew a lease, and hand over commands.
--
-- ARGV worker      its id
-- ARGV lease       in microseconds
-- Reply: {1 or 0 for a worker that is not registered, time in microseconds, verb, ...}.
-- include: _clock
-- include: _workers

local now = read_clock()
-- First, because it is allowed when memory is full.
if call('ZREM', leases, worker) == 0 then
  return {0, digits(now)}
end
if call('SISMEMBER', workers, worker) == 0 then
  -- A Ruby worker pruned it, and recorded what became of its job.
  forget_worker(worker, now)
  return {0, digits(now)}
end
call('ZADD', leases, digits(now + lease), worker)
redis.pcall('HSET', heartbeats, worker, iso(now) .. '+00:00')
call('HSET', beats, worker, digits(now))
local answer = {1, digits(now)}
-- Not all at once: unpack() is for some 8000 values.
for _, verb in ipairs(call('LRANGE', commands_ .. worker, 0, -1)) do
  answer[#answer + 1] = verb
end
call('DEL', commands_ .. worker)
return answer
