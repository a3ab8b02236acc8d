-- Every known queue.
--
-- KEYS queues      Ruby's set of known queue names
-- KEYS queue_      prefix of Ruby's lists of waiting payloads
-- KEYS pauses      set of paused queues
-- Reply: {{name, size, paused (1 or 0)}, ...}.

local answer = {}
for place, queue in ipairs(call('SMEMBERS', queues)) do
  local size = redis.pcall('LLEN', queue_ .. queue)
  answer[place] = {queue, type(size) == 'number' and size or 0, call('SISMEMBER', pauses, queue)}
end
return answer
