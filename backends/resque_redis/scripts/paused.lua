-- What is paused.
--
-- KEYS pauses      set of paused queues
-- Reply: {1 if every queue is, {name, ...}}.
-- include: _listing

return {all_paused(), call('SMEMBERS', pauses)}
