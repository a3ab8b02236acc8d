-- Give a job that is held a slot; or delay it, if none is free.
--
-- ARGV worker      id of the worker that holds it
-- ARGV token       of the reservation, as JSON
-- ARGV id          of the job
-- ARGV key         of the limit
-- ARGV most        how many slots there are
-- ARGV wait        microseconds for which it is delayed, unless it is woken
-- ARGV queue       it came from
-- ARGV payload     its bytes
-- Reply: 1; 0 if it was delayed, or the token is stale.
-- include: _clock
-- include: _ids
-- include: _settlement
-- include: _delayed
-- include: _slots

local record = holds(worker, token)
if not record then
  return 0
end
-- The first write, and one that is allowed when memory is full.
call('HDEL', slots_ .. key, id)
if call('HLEN', slots_ .. key) < tonumber(most) or count_slots(key) < tonumber(most) then
  call('HSET', slots_ .. key, id, ',"token":' .. token .. '}')
  call('ZREM', line_ .. key, id)
  return 1
end
local now = read_clock()
local at = now + wait
if not takes_items(at) then
  return redis.error_reply('WRONGTYPE the key where job ' .. id .. ' should wait holds no list')
end
local unfit, put_bundle_back = read_bundle(worker, token, record)
if unfit then
  return unfit
end
take_from(worker, id, token)
if put_bundle_back then
  put_bundle_back(now)
end
delay(id, queue, payload, at)
call('ZADD', line_ .. key, digits(at), id)
-- What is promoted by its time, or by another program, is forgotten here some time later.
call('PEXPIRE', line_ .. key, digits(2 * math.ceil(wait / 1000) + 60000))
return 0
