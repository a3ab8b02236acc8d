-- Dropping a job as done, and counting it.
--
-- include: _following
-- include: _timings

-- 1; 0 for a stale token (given as JSON), or an error, and nothing changed.
local function complete(worker, token, id, queue, sequel, now)
  local record = holds(worker, token)
  if not record then
    return settled_before(worker, token)
  end
  local problem, carry_out = read_sequel(sequel)
  if problem then
    return problem
  end
  local since = take_from(worker, id, token)
  end_claim(id, 'ended')
  local at, rescued = read_times(record)
  if rescued ~= '0' then
    call('HDEL', rescues, id)
  end
  call('HSET', settled, worker, token)
  count('processed', now, worker)
  count_times(queue, at, since, now)
  if carry_out then
    carry_out(id, now)
  end
  return 1
end
