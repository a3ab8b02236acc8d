-- How many elements a queue has; none if its key is no list.
--
-- KEYS queue_      prefix of Ruby's lists of waiting payloads
-- ARGV queue       its name
-- Reply: a number.

local size = redis.pcall('LLEN', queue_ .. queue)
return type(size) == 'number' and size or 0
