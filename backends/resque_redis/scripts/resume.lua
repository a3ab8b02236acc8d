-- Undo a pause of one queue.
--
-- KEYS pauses      set of paused queues
-- ARGV queue       its name
-- Reply: 1; 0 if it was not paused.

return call('SREM', pauses, queue)
