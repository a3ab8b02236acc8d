-- Adding to the failed list.
--
-- KEYS failed      Ruby's list of failures, oldest first
-- KEYS failed_queues  Ruby's set of names of lists of single queues
-- KEYS failures    zset: failure id -> a number that grows: whose rank is a hint at the place in the list

-- `list` is the name of the list, if it is one queue's.
local function add_failure(id, entry, now, list)
  if list and list ~= '' then
    redis.call('SADD', failed_queues, list)
  end
  redis.call('RPUSH', failed, entry)
  -- Others may have cleared the list; what is too much are the oldest.
  local excess = redis.call('ZCARD', failures) + 1 - redis.call('LLEN', failed)
  if excess > 0 then
    redis.call('ZREMRANGEBYRANK', failures, 0, excess - 1)
  end
  local last = redis.call('ZREVRANGE', failures, 0, 0, 'WITHSCORES')[2]
  redis.call('ZADD', failures, digits(math.max(now, tonumber(last or 0) + 1)), id)
end
