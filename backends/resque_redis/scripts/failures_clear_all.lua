-- Delete every failure.
--
-- KEYS failed      Ruby's list of failures, oldest first
-- KEYS failures    zset: failure id -> a number that grows
-- Reply: how many were deleted.

local size = redis.pcall('LLEN', failed)
call('DEL', failed, failures)
return type(size) == 'number' and size or 0
