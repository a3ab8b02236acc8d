-- What was noted last of the depths of queues.
--
-- KEYS depths      list of JSON lists, one a minute, oldest first
-- ARGV count       how many at most
-- Reply: {time in microseconds, {note, ...}}.
-- include: _clock

return {digits(read_clock()), call('LRANGE', depths, -count, -1)}
