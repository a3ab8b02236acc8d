-- Delete failures, each if it still is where it was seen.
--
-- KEYS failed      Ruby's list of failures, oldest first
-- KEYS failures    zset: failure id -> a number that grows
-- ARGV ...         id, index, element; id, index, element; ...
-- Reply: how many were deleted.

local TOMBSTONE = '\0removed'
local deleted = 0
-- First, because LSET would be refused as the first write when memory is full.
call('ZREM', failures, '')
for place = REST, #ARGV, 3 do
  if call('LINDEX', failed, ARGV[place + 1]) == ARGV[place + 2] then
    call('LSET', failed, ARGV[place + 1], TOMBSTONE)
    call('ZREM', failures, ARGV[place])
    deleted = deleted + 1
  end
end
call('LREM', failed, 0, TOMBSTONE)
return deleted
