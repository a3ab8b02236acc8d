-- Delete a failure.
--
-- KEYS failures    zset: failure id -> a number that grows
-- ARGV failure     its id
-- ARGV index       where it was seen
-- ARGV element     what was seen
-- Reply: 1; 0 if it is not near that place any more.
-- include: _places

local place = find_failure(tonumber(index), function(other) return other == element end)
if not place then
  return 0
end
-- First, because LSET would be refused as the first write when memory is full.
call('ZREM', failures, failure)
remove_at(place)
return 1
