-- Commands on keys that another program may have written: part of every script.
--
-- KEYS x_          prefix of our own keys

-- What reading finds under a key of another type: nothing.
local NONE = {GET = false, HGET = false, LINDEX = false, ZSCORE = false, ZRANK = false, HLEN = 0, LLEN = 0, ZCARD = 0, SCARD = 0, HEXISTS = 0, SISMEMBER = 0}
local NO_ELEMENTS = {SMEMBERS = true, HGETALL = true, LRANGE = true, ZRANGE = true, ZREVRANGE = true, ZRANGEBYSCORE = true, ZRANGEBYLEX = true, HMGET = true}

-- Ruby's two sets of names, without which nobody can work: they are set aside as ours are.
local NAMES = {[x_:sub(1, -3) .. 'queues'] = true, [x_:sub(1, -3) .. 'workers'] = true}

-- As redis.call. What writes to a key of another type sets that aside if the key is ours, and else says which it is.
local function call(command, key, ...)
  local said = redis.pcall(command, key, ...)
  if type(said) ~= 'table' or not said.err then
    return said
  end
  if not said.err:find('WRONGTYPE', 1, true) then
    return redis.call(command, key, ...)
  end
  if NO_ELEMENTS[command] then
    return {}
  end
  if NONE[command] ~= nil then
    return NONE[command]
  end
  if key:sub(1, #x_) ~= x_ and not NAMES[key] then
    error('WRONGTYPE the key ' .. key .. ' holds a ' .. redis.call('TYPE', key).ok, 0)
  end
  redis.call('RENAME', key, key .. ':set-aside')
  return redis.call(command, key, ...)
end
