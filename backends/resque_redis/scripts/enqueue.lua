-- Append entries to their queues, or put them before all that wait: all of them, or none.
--
-- ARGV at_front    1 or 0
-- ARGV ...         id, queue, payload; id, queue, payload; ...
-- Reply: how many were stored.
-- include: _clock
-- include: _ids
-- include: _storing

local parts = {}
for place = REST, #ARGV do
  parts[place - REST + 1] = ARGV[place]
end
return store(parts, at_front == '1', read_clock(), {})
