-- Move failures to the heads of the lists of their queues, each if it still is where it was seen.
--
-- KEYS failed      Ruby's list of failures, oldest first
-- KEYS failed_queues  Ruby's set of names of lists of single queues
-- KEYS failed_     prefix of these lists
-- KEYS failures    zset: failure id -> a number that grows; that of a single queue's list is `failures:LIST`
-- ARGV ...         id, index, element, name of its list; and so on, newest first
-- Reply: how many were moved.
-- include: _ids

local TOMBSTONE = '\0removed'
local moved = 0
-- First, because LSET would be refused as the first write when memory is full.
call('ZREM', failures, '')
for place = REST, #ARGV, 4 do
  local id, index, element, list = ARGV[place], ARGV[place + 1], ARGV[place + 2], ARGV[place + 3]
  if takes_elements(failed_ .. list) and call('LINDEX', failed, index) == element then
    local order = failures .. ':' .. list
    local oldest = call('ZRANGE', order, 0, 0, 'WITHSCORES')[2]
    call('SADD', failed_queues, list)
    call('LPUSH', failed_ .. list, element)
    call('ZADD', order, oldest and oldest - 1 or call('ZSCORE', failures, id) or 0, id)
    call('ZREM', failures, id)
    call('LSET', failed, index, TOMBSTONE)
    moved = moved + 1
  end
end
call('LREM', failed, 0, TOMBSTONE)
return moved
