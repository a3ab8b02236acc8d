-- Set a counter back; its history stays.
--
-- KEYS stats       set: names of the counters that were ever incremented here
-- KEYS stat_       prefix of Ruby's counters
-- ARGV counter     its name
-- Reply: 1.

redis.call('DEL', stat_ .. counter)
redis.call('SREM', stats, counter)
return 1
