-- Let a job wait once more, or delay it; and count that it was tried.
--
-- ARGV worker      id of the worker that holds it
-- ARGV token       of the reservation, as JSON
-- ARGV id          of the job
-- ARGV origin      the queue that it was taken from
-- ARGV sequel      see _sequel.lua
-- ARGV queue       where it is to wait
-- ARGV payload     its bytes from now on
-- ARGV run_at      see _storing.lua
-- Reply: 1; 0 for a stale token.
-- include: _clock
-- include: _ids
-- include: _settlement
-- include: _counters
-- include: _following
-- include: _delayed
-- include: _storing
-- include: _timings

local record = holds(worker, token)
if not record then
  return settled_before(worker, token)
end
local now = read_clock()
local at = due_at(run_at, now)
if not takes_elements(queue_ .. queue) or (at > now and not takes_items(at)) then
  return redis.error_reply('WRONGTYPE the key where job ' .. id .. ' should wait holds no list')
end
local problem, carry_out = read_sequel(sequel)
local unfit, put_bundle_back = read_bundle(worker, token, record)
if problem or unfit then
  return problem or unfit
end
local since = take_from(worker, id, token)
call('HDEL', rescues, id)
if put_bundle_back then
  put_bundle_back(now)
end
if at > now then
  delay(id, queue, payload, at)
  call('SADD', retrying, id)
else
  let_wait(id, queue, payload, now)
end
call('HSET', settled, worker, token)
count('processed', now, worker)
count('retried', now)
count_times(origin, read_times(record), since, now)
if carry_out then
  carry_out(id, now)
end
return 1
