-- Move a job to the failed list, and count it.
--
-- ARGV worker      id of the worker that holds it
-- ARGV token       of the reservation, as JSON
-- ARGV id          of the job
-- ARGV queue       that it was taken from
-- ARGV sequel      see _sequel.lua
-- ARGV failure     id of the failure
-- ARGV entry       the element of the failed list
-- ARGV list        the name of that list, if it is one queue's
-- ARGV most        how many are kept in that list; empty: any number
-- ARGV age         seconds for which they are kept; empty: for ever
-- Reply: 1; 0 for a stale token.
-- include: _clock
-- include: _ids
-- include: _settlement
-- include: _counters
-- include: _following
-- include: _failures
-- include: _timings

local record = holds(worker, token)
if not record then
  return settled_before(worker, token)
end
if not takes_elements(failed) then
  return redis.error_reply('WRONGTYPE the key of the failed jobs holds no list')
end
local problem, carry_out = read_sequel(sequel)
local unfit, put_bundle_back = read_bundle(worker, token, record)
if problem or unfit then
  return problem or unfit
end
local since = take_from(worker, id, token)
local now = read_clock()
if put_bundle_back then
  put_bundle_back(now)
end
add_failure(failure, entry, now, list, most, age)
end_claim(id, 'ended')
call('HDEL', rescues, id)
call('HSET', settled, worker, token)
count('processed', now, worker)
count('failed', now, worker)
count_times(queue, read_times(record), since, now)
if carry_out then
  carry_out(id, now)
end
return 1
