-- Forget a worker whose lease is over, or any other that is to be removed; its job goes to the head of its queue, or to the failed list.
--
-- KEYS queues      Ruby's set of known queue names
-- ARGV forced      1: whatever its lease, even if it is another program's, which has none
-- ARGV worker      its id
-- ARGV token       of the reservation that was seen, as JSON; empty if it held nothing
-- ARGV id          of the job
-- ARGV queue       of the job
-- ARGV payload     of the job
-- ARGV failure     id of the failure; empty: the job goes back
-- ARGV entry       the element of the failed list
-- ARGV list        the name of that list, if it is one queue's
-- ARGV most        how many are kept in that list; empty: any number
-- ARGV age         seconds for which they are kept; empty: for ever
-- ARGV sequel      of that failure: see _sequel.lua
-- Reply: 1; 0 if the lease goes on, or the worker holds something else. Of a worker that holds nothing, a bundle goes back
--        whatever the lease.
-- include: _clock
-- include: _ids
-- include: _waiting
-- include: _settlement
-- include: _counters
-- include: _failures
-- include: _workers
-- include: _following

local now = read_clock()
local over, record = call('ZSCORE', leases, worker), call('GET', worker_ .. worker)
local given_back = token == '' and is_orphan(record) and give_back(worker, now) or 0
if forced == '1' then
  if not over and call('SISMEMBER', workers, worker) == 0 then
    return given_back
  end
elseif not over or tonumber(over) > now then
  return given_back
end
if token == '' then
  if record then
    return given_back
  end
  forget_worker(worker, now)
  return 1
end
-- Another program's record has no token: what was seen was its payload, or all of it.
local of_another = not over and record and (record == payload or record:find('"payload":' .. payload, 1, true))
if not of_another and not holds(worker, token) then
  return 0
end
local target = failure == '' and queue_ .. queue or failed
if not takes_elements(target) then
  return redis.error_reply('WRONGTYPE the key where job ' .. id .. ' should go holds no list')
end
local problem, carry_out = read_sequel(sequel)
local unfit, put_bundle_back = read_bundle(worker, token, record)
if problem or unfit then
  return problem or unfit
end

-- The job first, the worker last.
local since = take_from(worker, id, token) or now
if put_bundle_back then
  put_bundle_back(now, true)
end
if failure == '' then
  local is_new = call('SADD', queues, queue)
  call('LPUSH', queue_ .. queue, payload)
  note_waiting(id, queue, payload, true, since, now)
  call('HINCRBY', rescues, id, 1)
  wake_one(queue, is_new)
else
  add_failure(failure, entry, now, list, most, age)
  end_claim(id, 'ended')
  call('HDEL', rescues, id)
  count('processed', now)
  count('failed', now)
  if carry_out then
    carry_out(id, now)
  end
end
forget_worker(worker, now)
return 1
