-- Delete every element of a queue, and forget the queue itself if that is asked for.
--
-- KEYS queues      Ruby's set of known queue names
-- KEYS pauses      set of paused queues
-- KEYS timings_    see _timings.lua
-- ARGV queue       its name
-- ARGV forget      1: its name and its pause go, too
-- Reply: how many were deleted.
-- include: _clock
-- include: _ids
-- include: _deleting

local size = redis.pcall('LLEN', queue_ .. queue)
call('DEL', queue_ .. queue)
call('DEL', wake_ .. queue)
while call('ZCARD', order_ .. queue) > 0 do
  for _, id in ipairs(call('ZRANGE', order_ .. queue, 0, 999)) do
    note_deleted(id, queue)
  end
end
if forget == '1' then
  call('SREM', queues, queue)
  call('SREM', pauses, queue)
  call('DEL', timings_ .. queue)
end
return type(size) == 'number' and size or 0
