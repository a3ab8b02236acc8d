-- Dropping a job as done, and counting it.
--
-- include: _sequel
-- include: _timings

-- 1; 0 for a stale token (given as JSON), or an error, and nothing changed.
local function complete(worker, token, id, queue, sequel)
  local record = holds(worker, token)
  if not record then
    return settled_before(worker, token)
  end
  local parts = parts_of(sequel)
  local problem = no_sequel(parts)
  if problem then
    return problem
  end
  local since = take_from(worker, id, token)
  end_claim(id, ENDED)
  call('HDEL', rescues, id)
  call('HSET', settled, worker, token)
  local now = read_clock()
  count('processed', now, worker)
  count_times(queue, record, since, now)
  carry_out(id, parts, now)
  return 1
end
