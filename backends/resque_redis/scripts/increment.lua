-- Add to a counter, and to its current minute and day.
--
-- KEYS stats       set: names of the counters that were ever incremented here
-- ARGV counter     its name
-- ARGV by          how much
-- Reply: 1.
-- include: _clock
-- include: _counters

call('INCRBY', stat_ .. counter, by)
call('SADD', stats, counter)
add_to_history(counter, by, read_clock())
return 1
