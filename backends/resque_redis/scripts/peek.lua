-- Waiting entries from an index on.
--
-- ARGV queue       its name
-- ARGV start       index of the first that is wanted, from 0 at the head
-- ARGV stop        index of the last
-- Reply: {id, payload, id, payload, ...}.
-- include: _clock
-- include: _ids
-- include: _aliases

if not takes_elements(queue_ .. queue) then
  return {}
end
local elements = call('LRANGE', queue_ .. queue, start, stop)

-- How many elements before `start` equal this one: with several ids for equal bytes, the place tells whose it is.
local function count_before(payload)
  local names = namesakes(digest_of(queue, payload))
  local equal = 0
  if names and #names > 1 then
    for first = 0, start - 1, 1000 do
      for _, other in ipairs(call('LRANGE', queue_ .. queue, first, math.min(first + 999, start - 1))) do
        equal = equal + (other == payload and 1 or 0)
      end
    end
  end
  return equal
end

local answer, times = {}, {}
for _, payload in ipairs(elements) do
  times[payload] = (times[payload] or count_before(payload)) + 1
  answer[#answer + 1] = id_of(queue, payload, times[payload])
  answer[#answer + 1] = payload
end
return answer
