-- How long the jobs of some queues waited and took.
--
-- ARGV ...         names of queues
-- Reply: for each of them, the fields and values of its hash.
-- include: _clock
-- include: _timings

local answer = {}
for place = REST, #ARGV do
  answer[#answer + 1] = call('HGETALL', timings_ .. ARGV[place])
end
return answer
