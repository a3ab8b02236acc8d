-- Drop a job as done, and take the next one into the same hands.
--
-- ARGV worker      id of the worker that holds the one and gets the other
-- ARGV done        token of the reservation that ends, as JSON
-- ARGV id          of its job
-- ARGV queue       that it was taken from
-- ARGV sequel      see _sequel.lua
-- ARGV spells      see _spells.lua
-- ARGV token       of the new reservation, as JSON
-- ARGV discover    1: the names of all known queues are wanted
-- ARGV most        how many jobs of one queue may come
-- ARGV ...         names of queues, in their order
-- Reply: {`stale`} for a stale token; else see _taking.lua.
-- include: _clock
-- include: _ids
-- include: _settlement
-- include: _counters
-- include: _completion
-- include: _taking

local now = read_clock()
local settled_now, is_free = complete(worker, done, id, queue, sequel, spells, now)
if settled_now == 0 then
  return {'stale'}
end
if settled_now ~= 1 then
  return settled_now
end
return take_head(worker, token, discover, most, REST, now, is_free)
