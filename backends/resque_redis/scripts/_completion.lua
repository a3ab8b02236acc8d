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
  local parts = sequel ~= '' and parts_of(sequel)
  local problem = parts and no_sequel(parts)
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
  local now = read_clock()
  count('processed', now, worker)
  count_times(queue, at, since, now)
  if parts then
    carry_out(id, parts, now)
  end
  return 1
end
