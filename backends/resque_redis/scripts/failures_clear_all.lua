-- Delete every failure.
--
-- KEYS failed      Ruby's list of failures, oldest first
-- KEYS failures    zset: failure id -> a number that grows
-- Reply: how many were deleted.

local size = redis.pcall('LLEN', failed)
-- Not DEL: nobody would be served until a million are freed.
call('UNLINK', failed, failures)
return type(size) == 'number' and size or 0
