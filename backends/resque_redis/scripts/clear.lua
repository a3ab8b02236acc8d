-- Delete every element of a queue, and forget the queue itself if that is asked for.
--
-- KEYS queues      Ruby's set of known queue names
-- KEYS pauses      set of paused queues
-- ARGV queue       its name
-- ARGV forget      1: its name and its pause go, too
-- Reply: how many were deleted.
-- include: _clock
-- include: _ids

local size = redis.pcall('LLEN', queue_ .. queue)
redis.call('DEL', queue_ .. queue)
while redis.call('ZCARD', order_ .. queue) > 0 do
  for _, id in ipairs(redis.call('ZRANGE', order_ .. queue, 0, 999)) do
    note_deleted(id, queue)
  end
end
if forget == '1' then
  redis.call('SREM', queues, queue)
  redis.call('SREM', pauses, queue)
end
return type(size) == 'number' and size or 0
