-- Delete a recurring entry.
--
-- ARGV entry       its name
-- Reply: 1, or 0 when there is none.
-- include: _recurring

call('ZREM', ticks, entry)
return call('HDEL', recurring, entry)
