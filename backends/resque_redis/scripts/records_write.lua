-- Write to the note of a job that is held.
--
-- ARGV worker      id of the worker that holds it
-- ARGV token       of the reservation, as JSON
-- ARGV id          of the job
-- ARGV milliseconds  for which the note is kept
-- ARGV about       see _sequel.lua
-- ARGV latest
-- ARGV ending
-- Reply: 1; 0 for a stale token.
-- include: _sequel
-- include: _settlement

if not holds(worker, token) then
  return 0
end
keep_note(id, milliseconds, about, latest, ending)
return 1
