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
redis.call('ZREM', failures, '')
for place = REST, #ARGV, 4 do
  local id, index, element, list = ARGV[place], ARGV[place + 1], ARGV[place + 2], ARGV[place + 3]
  if takes_elements(failed_ .. list) and redis.call('LINDEX', failed, index) == element then
    local order = failures .. ':' .. list
    local oldest = redis.call('ZRANGE', order, 0, 0, 'WITHSCORES')[2]
    redis.call('SADD', failed_queues, list)
    redis.call('LPUSH', failed_ .. list, element)
    redis.call('ZADD', order, oldest and oldest - 1 or redis.call('ZSCORE', failures, id) or 0, id)
    redis.call('ZREM', failures, id)
    redis.call('LSET', failed, index, TOMBSTONE)
    moved = moved + 1
  end
end
redis.call('LREM', failed, 0, TOMBSTONE)
return moved
