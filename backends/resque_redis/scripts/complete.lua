-- Drop a job as done, and count it.
--
-- ARGV worker      id of the worker that holds it
-- ARGV token       of the reservation, as JSON
-- ARGV id          of the job
-- ARGV queue       that it was taken from
-- ARGV sequel      see _sequel.lua
-- Reply: 1; 0 for a stale token.
-- include: _clock
-- include: _ids
-- include: _settlement
-- include: _counters
-- include: _completion

local completed = complete(worker, token, id, queue, sequel, '', read_clock())
return completed
