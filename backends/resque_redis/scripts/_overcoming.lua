-- What to do where a key holds another type than ours: hardly ever needed.
--
-- KEYS x_          prefix of our own keys

-- What reading finds under a key of another type: nothing. What writes to one sets that aside if the key is ours, or one
-- of Ruby's two sets of names, without which nobody can work; and else says which it is.
local function overcome(problem, command, key, ...)
  local nothing = {GET = false, HGET = false, LINDEX = false, ZSCORE = false, ZRANK = false, HLEN = 0, LLEN = 0, ZCARD = 0, SCARD = 0, HEXISTS = 0, SISMEMBER = 0}
  local no_elements = {SMEMBERS = true, HGETALL = true, HKEYS = true, LRANGE = true, ZRANGE = true, ZREVRANGE = true, ZRANGEBYSCORE = true, ZRANGEBYLEX = true, HMGET = true}
  if not problem:find('WRONGTYPE', 1, true) then
    return redis.call(command, key, ...)
  end
  if no_elements[command] then
    return {}
  end
  if nothing[command] ~= nil then
    return nothing[command]
  end
  local of_names = key == x_:sub(1, -3) .. 'queues' or key == x_:sub(1, -3) .. 'workers'
  if key:sub(1, #x_) ~= x_ and not of_names then
    error('WRONGTYPE the key ' .. key .. ' holds a ' .. redis.call('TYPE', key).ok, 0)
  end
  redis.call('RENAME', key, key .. ':set-aside')
  return redis.call(command, key, ...)
end
