-- Jobs that were enqueued together. Each leaves its batch with its end; with the last one the callback waits.
--
-- KEYS queues      Ruby's set of known queue names
-- KEYS batches     zset of the batches of which jobs are left, each with score 0
-- KEYS batch_      prefix of one hash for each batch: `total`, `failed`, and of the callback `id`, `queue`, `payload`
--                  and for how many microseconds it `lasts` then; it expires once all jobs have ended; and of zsets `BATCH:jobs` of the ids that are left, each with score 0
-- KEYS begun       zset of all batches that are known: BATCH -> when it was begun, in microseconds
-- KEYS ended       zset of those that have ended: BATCH -> when it is forgotten, in microseconds
-- include: _clock
-- include: _ids
-- include: _liveness
-- include: _waiting

-- Seconds.
local KEPT_BATCH = 86400
-- So many are forgotten with each that begins, or is listed.
local FORGOTTEN_AT_ONCE = 100

-- Drop the names of batches that have expired.
local function forget_batches(now)
  for _, batch in ipairs(call('ZRANGEBYSCORE', ended, '-inf', digits(now), 'LIMIT', 0, FORGOTTEN_AT_ONCE)) do
    call('ZREM', begun, batch)
    call('ZREM', ended, batch)
  end
end

-- {total, left, failed, id of the callback or an empty text}; nothing if there is none.
local function read_batch(batch)
  local total, failed, id = unpack(call('HMGET', batch_ .. batch, 'total', 'failed', 'id'))
  if total then
    return {tonumber(total), call('ZCARD', batch_ .. batch .. ':jobs'), tonumber(failed or 0) or 0, id or ''}
  end
end

-- Let a job wait that nobody enqueues; unless it waits or runs already.
local function let_follow(id, queue, payload, now, windows)
  if not is_live(id, windows) then
    forget_id(id)
    local is_new = call('SADD', queues, queue)
    note_waiting(id, queue, payload, false, now, now)
    call('RPUSH', queue_ .. queue, payload)
    wake_one(queue, is_new)
  end
end

-- Where the callback of a batch is to wait, if that is a queue.
local function callback_fits(batch)
  local queue = call('HGET', batch_ .. batch, 'queue')
  return not queue or takes_elements(queue_ .. queue)
end

-- End a batch of which no job is left.
local function end_batch(batch, now, windows)
  local id, queue, payload, lasts = unpack(call('HMGET', batch_ .. batch, 'id', 'queue', 'payload', 'lasts'))
  call('ZREM', batches, batch)
  if id then
    call('HDEL', batch_ .. batch, 'payload', 'lasts')
    if (tonumber(lasts) or 0) > 0 then
      local at = now + lasts
      local until_then = iso(at) .. string.format('.%06.0fZ', at % 1000000)
      payload = payload:sub(1, -2) .. ',"expires_at":"' .. until_then .. '"}'
    end
    let_follow(id, queue, payload, now, windows)
  end
  call('EXPIRE', batch_ .. batch, KEPT_BATCH)
  call('ZADD', ended, digits(now + KEPT_BATCH * 1000000), batch)
end

local function leave_batch(batch, id, failed, now, windows)
  if call('ZREM', batch_ .. batch .. ':jobs', id) == 0 then
    return
  end
  if failed == '1' then
    call('HINCRBY', batch_ .. batch, 'failed', 1)
  end
  if call('EXISTS', batch_ .. batch .. ':jobs') == 0 then
    end_batch(batch, now, windows)
  end
end
