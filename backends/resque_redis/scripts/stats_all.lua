-- Every counter that is known: Ruby's two, the retries, and those that were incremented here.
--
-- KEYS stats       set: names of the counters that were ever incremented here
-- KEYS stat_       prefix of Ruby's counters
-- Reply: {name, value, name, value, ...}.

local answer = {}

local function add(counter)
  local value = redis.pcall('GET', stat_ .. counter)
  if type(value) == 'string' then
    answer[#answer + 1] = counter
    answer[#answer + 1] = value
  end
end

add('processed')
add('failed')
add('retried')
-- Not all at once: unpack() is for some 8000 values.
for _, counter in ipairs(call('SMEMBERS', stats)) do
  add(counter)
end
return answer
