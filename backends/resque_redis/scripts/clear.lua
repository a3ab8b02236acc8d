-- Delete some elements at the head of a queue, and forget the queue itself if that is asked for.
--
-- KEYS queues      Ruby's set of known queue names
-- KEYS pauses      set of paused queues
-- KEYS timings_    see _timings.lua
-- ARGV queue       its name
-- ARGV forget      1: its pause goes, too, and its name if nothing waits
-- ARGV count       how many at most: nobody else is served meanwhile
-- ARGV notes       how many notes of what other programs took, at most
-- Reply: {how many were deleted, 1 if it is empty and yet more is noted of it}.
-- include: _clock
-- include: _ids
-- include: _deleting

local key = queue_ .. queue
if not takes_elements(key) then
  call('DEL', key)
end
local payloads = count ~= '0' and call('LRANGE', key, 0, count - 1) or {}
call('LTRIM', key, #payloads, -1)
for _, payload in ipairs(payloads) do
  note_deleted(id_of(queue, payload), queue)
end

local is_empty, order = call('LLEN', key) == 0, order_ .. queue
if is_empty then
  call('DEL', wake_ .. queue)
  -- What other programs took.
  for _, id in ipairs(call('ZRANGE', order, 0, notes - 1)) do
    note_deleted(id, queue)
  end
end
if forget == '1' then
  call('SREM', pauses, queue)
  call('DEL', timings_ .. queue)
  if is_empty then
    call('SREM', queues, queue)
  end
end
return {#payloads, is_empty and call('ZCARD', order) > 0 and 1 or 0}
