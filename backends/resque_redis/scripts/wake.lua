-- Let the job that waits longest for a slot wait at the head of its queue.
--
-- KEYS queues      Ruby's set of known queue names
-- ARGV key         of the limit
-- Reply: 1; 0 if none waits.
-- include: _clock
-- include: _ids
-- include: _waiting
-- include: _delayed
-- include: _slots

-- Queue and payload of a job that is still delayed until then, now taken out.
local function taken_out(id, at)
  local epoch, item = find_item(id)
  if not item then
    return nil
  end
  local queue, payload, until_then = read_item(item, epoch)
  if queue and digits(until_then) == at and takes_elements(queue_ .. queue) then
    take_out(id, epoch, item)
    return queue, payload
  end
end

count_slots(key)
local now = read_clock()
for _ = 1, WINDOW do
  local id, at = unpack(call('ZRANGE', line_ .. key, 0, 0, 'WITHSCORES'))
  if not id then
    return 0
  end
  call('ZREM', line_ .. key, id)
  local queue, payload = taken_out(id, digits(tonumber(at)))
  if queue then
    local is_new = call('SADD', queues, queue)
    call('LPUSH', queue_ .. queue, payload)
    note_waiting(id, queue, payload, true, now, now)
    wake_one(queue, is_new)
    return 1
  end
end
return 0
