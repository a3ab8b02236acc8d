-- Append entries to their queues, or put them before all that wait, or delay them: all of them, or none.
--
-- ARGV at_front    1 or 0
-- ARGV run_at      see _storing.lua
-- ARGV ...         id, queue, payload; id, queue, payload; ...
-- Reply: how many were stored.
-- include: _clock
-- include: _ids
-- include: _storing

local now = read_clock()
return store(ARGV, REST, at_front == '1', now, {}, due_at(run_at, now))
