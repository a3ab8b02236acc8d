-- How many jobs are delayed until another attempt.
--
-- KEYS retrying    set of their ids
-- Reply: how many.

return call('SCARD', retrying)
