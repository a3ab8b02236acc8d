-- Remove the head of a queue.
--
-- ARGV queue       its name
-- Reply: {id, payload}, or {} if nothing waits.
-- include: _clock
-- include: _ids
-- include: _deleting

if not takes_elements(queue_ .. queue) then
  return {}
end
local payload = call('LPOP', queue_ .. queue)
if not payload then
  return {}
end
local id = id_of(queue, payload)
note_deleted(id, queue)
return {id, payload}
