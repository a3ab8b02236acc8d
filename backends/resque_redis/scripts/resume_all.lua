-- Undo the pause of all queues.
--
-- KEYS pause_all   Ruby's text: `true` pauses every queue
-- KEYS queues      Ruby's set of known queue names
-- Reply: 1; 0 if there was no such pause.
-- include: _waking

local undone = call('DEL', pause_all)
for _, queue in ipairs(call('SMEMBERS', queues)) do
  wake_next(queue, call('LLEN', queue_ .. queue))
end
return undone
