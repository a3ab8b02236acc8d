-- Drop a job as done, and count it.
--
-- ARGV worker      id of the worker that holds it
-- ARGV token       of the reservation, as JSON
-- ARGV id          of the job
-- Reply: 1; 0 for a stale token.
-- include: _clock
-- include: _ids
-- include: _settlement
-- include: _counters

if not holds(worker, token) then
  return settled_before(worker, token)
end
take_from(worker, id, token)
redis.call('HDEL', rescues, id)
redis.call('HSET', settled, worker, token)
count('processed', read_clock(), worker)
return 1
