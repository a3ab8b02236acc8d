-- What is paused.
--
-- KEYS pauses      set of paused queues
-- KEYS pause_all   Ruby's text: `true` pauses every queue
-- Reply: {1 if every queue is, {name, ...}}.

local all = (call('GET', pause_all) or ''):lower():match('^%s*(.-)%s*$') == 'true'
return {all and 1 or 0, call('SMEMBERS', pauses)}
