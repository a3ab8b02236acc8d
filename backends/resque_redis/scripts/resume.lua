-- Undo a pause of one queue.
--
-- KEYS pauses      set of paused queues
-- ARGV queue       its name
-- Reply: 1; 0 if it was not paused.
-- include: _waking

local undone = call('SREM', pauses, queue)
wake_next(queue, call('LLEN', queue_ .. queue))
return undone
