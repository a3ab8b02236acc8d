-- Take the head of the first queue that has one and is not paused, into the hands of a worker.
--
-- ARGV worker      its id
-- ARGV token       of the reservation, as JSON
-- ARGV discover    1: the names of all known queues are wanted
-- ARGV most        how many jobs of one queue may come
-- ARGV ...         names of queues, in their order
-- Reply: see _taking.lua.
-- include: _clock
-- include: _ids
-- include: _taking

return take_head(worker, token, discover, most, REST, read_clock())
