-- Delete a failure.
--
-- KEYS failures    zset: failure id -> a number that grows
-- ARGV failure     its id
-- ARGV index       where it was seen
-- ARGV element     what was seen
-- Reply: 1; 0 if it is not there any more.
-- include: _places

redis.call('ZREM', failures, failure)
local place = find_failure(index, function(other) return other == element end)
if place then
  remove_at(place)
end
return place and 1 or 0
