-- Put a job back at the head of its queue; nothing is counted.
--
-- KEYS queues      Ruby's set of known queue names
-- ARGV worker      id of the worker that holds it
-- ARGV token       of the reservation, as JSON
-- ARGV id          of the job
-- ARGV queue       it came from
-- ARGV payload     its bytes
-- Reply: 1; 0 for a stale token.
-- include: _clock
-- include: _ids
-- include: _waiting
-- include: _settlement

local record = holds(worker, token)
if not record then
  return settled_before(worker, token)
end
if not takes_elements(queue_ .. queue) then
  return redis.error_reply('WRONGTYPE the key of queue ' .. queue .. ' holds no list')
end
local unfit, put_bundle_back = read_bundle(worker, token, record)
if unfit then
  return unfit
end
local now = read_clock()
local since = take_from(worker, id, token) or now
if put_bundle_back then
  put_bundle_back(now)
end
local is_new = call('SADD', queues, queue)
call('LPUSH', queue_ .. queue, payload)
note_waiting(id, queue, payload, true, since, now)
wake_one(queue, is_new)
call('HSET', settled, worker, token)
return 1
