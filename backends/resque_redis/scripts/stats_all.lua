-- Every counter that is known: Ruby's two, and those that were incremented here.
--
-- KEYS stats       set: names of the counters that were ever incremented here
-- KEYS stat_       prefix of Ruby's counters
-- Reply: {name, value, name, value, ...}.

local names, answer = redis.call('SMEMBERS', stats), {}
for _, counter in ipairs({'processed', 'failed', unpack(names)}) do
  local value = redis.pcall('GET', stat_ .. counter)
  if type(value) == 'string' then
    answer[#answer + 1] = counter
    answer[#answer + 1] = value
  end
end
return answer
