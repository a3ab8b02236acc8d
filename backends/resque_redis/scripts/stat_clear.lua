-- Set a counter back; its history stays.
--
-- KEYS stats       set: names of the counters that were ever incremented here
-- KEYS stat_       prefix of Ruby's counters
-- ARGV counter     its name
-- Reply: 1.

call('DEL', stat_ .. counter)
call('SREM', stats, counter)
return 1
