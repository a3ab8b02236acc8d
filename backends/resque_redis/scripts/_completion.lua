-- Dropping a job as done, and counting it.

-- 1; 0 for a stale token (given as JSON), and nothing changed.
local function complete(worker, token, id)
  if not holds(worker, token) then
    return settled_before(worker, token)
  end
  take_from(worker, id, token)
  end_claim(id, ENDED)
  call('HDEL', rescues, id)
  call('HSET', settled, worker, token)
  count('processed', read_clock(), worker)
  return 1
end
