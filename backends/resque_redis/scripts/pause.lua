-- Let nobody of ours reserve from a queue.
--
-- KEYS pauses      set of paused queues
-- ARGV queue       its name
-- Reply: 1; 0 if it was paused before.

return call('SADD', pauses, queue)
