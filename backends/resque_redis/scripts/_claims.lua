-- What unique jobs hold: a key, under the job's id.
--
-- KEYS claims_     prefix of the hash `held`: key -> id; of the hash `jobs`: id -> `END\nKEY`; and of texts
--                  `for:KEY` -> id, held for a time, which expire. END is `start`, `done` or `expiry`.

-- The id of the job that holds a key.
local function holder_of(key)
  return redis.call('GET', claims_ .. 'for:' .. key) or redis.call('HGET', claims_ .. 'held', key)
end

local function hold_claim(id, key, ending, milliseconds)
  redis.call('HSET', claims_ .. 'jobs', id, ending .. '\n' .. key)
  if ending == 'expiry' then
    redis.call('SET', claims_ .. 'for:' .. key, id, 'PX', milliseconds)
  else
    redis.call('HSET', claims_ .. 'held', key, id)
  end
end

-- Take the claim from a job, if it has one that ends so; who lost it has none to give back.
local function end_claim(id, endings)
  local said = redis.call('HGET', claims_ .. 'jobs', id)
  if not said then
    return
  end
  local ending, key = said:match('^(%l+)\n(.*)$')
  if not endings[ending] then
    return
  end
  redis.call('HDEL', claims_ .. 'jobs', id)
  if endings[ending] == 'kept' then
    return
  end
  if redis.call('GET', claims_ .. 'for:' .. key) == id then
    redis.call('DEL', claims_ .. 'for:' .. key)
  end
  if redis.call('HGET', claims_ .. 'held', key) == id then
    redis.call('HDEL', claims_ .. 'held', key)
  end
end

-- By what happens to its job. One for a time stays `kept`, and expires.
local BEGUN = {start = 'over'}
local ENDED = {start = 'over', done = 'over', expiry = 'kept'}
local DELETED = {start = 'over', done = 'over', expiry = 'over'}
