-- What unique jobs hold: a key, under the job's id.
--
-- KEYS claims_     prefix of the hash `held`: key -> id; of the hash `jobs`: id -> `END\nKEY`; and of texts
--                  `for:KEY` -> id, held for a time, which expire. END is `start`, `done` or `expiry`.

-- The id of the job that holds a key.
local function holder_of(key)
  return call('GET', claims_ .. 'for:' .. key) or call('HGET', claims_ .. 'held', key)
end

local function hold_claim(id, key, ending, milliseconds)
  call('HSET', claims_ .. 'jobs', id, ending .. '\n' .. key)
  if ending == 'expiry' then
    call('SET', claims_ .. 'for:' .. key, id, 'PX', milliseconds)
  else
    call('HSET', claims_ .. 'held', key, id)
  end
end

-- Take the claim from a job that was `begun`, has `ended` or was `deleted`, if that ends it; who lost it has none to
-- give back. One for a time is kept, and expires.
local function end_claim(id, event)
  local said = call('HGET', claims_ .. 'jobs', id)
  if not said then
    return
  end
  local ending, key = said:match('^(%l+)\n(.*)$')
  local endings = {
    begun = {start = 'over'},
    ended = {start = 'over', done = 'over', expiry = 'kept'},
    deleted = {start = 'over', done = 'over', expiry = 'over'},
  }
  local becomes = endings[event][ending]
  if not becomes then
    return
  end
  call('HDEL', claims_ .. 'jobs', id)
  if becomes == 'kept' then
    return
  end
  if call('GET', claims_ .. 'for:' .. key) == id then
    call('DEL', claims_ .. 'for:' .. key)
  end
  if call('HGET', claims_ .. 'held', key) == id then
    call('HDEL', claims_ .. 'held', key)
  end
end
