-- Delete failures.
--
-- KEYS failures    zset: failure id -> a number that grows
-- ARGV ...         id, index where it was seen, the element that was seen; and so on
-- Reply: for each of them 1; 0 if it is not near that place any more.
-- include: _places

local answer, hints = {}, {}
for at = REST, #ARGV, 3 do
  hints[#hints + 1] = tonumber(ARGV[at + 1])
end
look_at(hints)
-- First, because LSET would be refused as the first write when memory is full.
call('ZREM', failures, '')
for at = REST, #ARGV, 3 do
  local element = ARGV[at + 2]
  local place = find_failure(tonumber(ARGV[at + 1]), function(other) return other == element end)
  if place then
    mark_removed(place)
    call('ZREM', failures, ARGV[at])
  end
  answer[#answer + 1] = place and 1 or 0
end
remove_marked()
return answer
