-- Which id belongs to which element of a queue, and which ids wait or run.
--
-- A queue's elements are payloads and nothing else, since Ruby must read them. The id of an element is the one
-- in its JSON, else the sha1 of its queue and bytes; where it was enqueued under another one, `aliases` says so.
-- Other programs push and pop as they like, so whatever is noted here may be out of date: a note is a reason to
-- look, and never the answer.
--
-- KEYS queue_      prefix of Ruby's lists of waiting payloads, head first
-- KEYS worker_     prefix of Ruby's in-flight records
-- KEYS ids         hash: id -> `wSINCE\nDIGEST\nQUEUE` (waits; DIGEST if it is an alias) or `rSINCE\nTOKEN\nWORKER`
-- KEYS aliases     hash: sha1 of queue and payload -> JSON list of the ids of these equal elements, head first
-- KEYS order_      prefix of one zset for each queue: id -> its place in the list, growing from head to tail
-- KEYS rescues     hash: id -> how often its job was taken back from a dead worker
-- include: _json
-- include: _claims
-- include: _waking

-- How many elements from the head are looked at to find out whether an id still waits.
local WINDOW = 100

local function ends_with(text, ending)
  return text and text:sub(-#ending) == ending
end

-- A stand-in for a server may have no sha1hex. The text itself, in one line, does as well, only longer.
local function sha1(text)
  return redis.sha1hex and redis.sha1hex(text) or (text:gsub('\n', '\0n'))
end

local function digest_of(queue, payload)
  return sha1(queue .. '\0' .. payload)
end

-- The id that a payload carries. It is read, never written again.
local function own_id(payload)
  -- To read it as JSON takes a third of what storing one of many does, and most end with `,"id":"`, 32 digits,
  -- `","enqueued_at":"`, 27 letters and `"}`. A quote without a backslash is in no string, so that is the object's own end.
  local last = payload:sub(-78, -47)
  if payload:sub(-85, -79) == ',"id":"' and payload:sub(-46, -30) == '","enqueued_at":"'
    and payload:find('"', -29, true) == #payload - 1 and not last:find('%X') then
    return last
  end
  local body = decoded(payload)
  local id = body and body.id
  if type(id) == 'string' and #id > 0 and #id <= 255 and not id:find('%c') then
    return id
  end
end

-- The id of an element that has no alias.
local function usual_id(queue, payload)
  return own_id(payload) or digest_of(queue, payload)
end

-- The id of the n-th (from 1) of some equal elements, from the head.
local function id_of(queue, payload, n)
  if call('HLEN', aliases) > 0 then
    -- include: _aliases
    local names = namesakes(digest_of(queue, payload))
    if names and names[n or 1] then
      return names[n or 1]
    end
  end
  return usual_id(queue, payload)
end

-- The time, then digest and queue or token and worker.
local function read_mark(mark)
  return mark:match('^[wr](%d+)\n([^\n]*)\n(.*)$')
end

-- Take an element out of the order of its queue. Since when it had waited, if it was noted: its mark is the caller's.
local function note_taken(id, queue)
  local mark = call('HGET', ids, id)
  if call('ZREM', order_ .. queue, id) == 0 or not mark then
    return nil
  end
  local since, digest = read_mark(mark)
  if digest and digest ~= '' then
    -- include: _aliases
    forget_alias(id, digest)
  end
  return since, true
end

-- Forget some ids that other programs took from the head, if more are noted than the queue has elements.
local function forget_taken_by_others(queue, length)
  if call('ZCARD', order_ .. queue) <= length then
    return
  end
  -- include: _deleting
  local place = '+inf'
  for _, payload in ipairs(call('LRANGE', queue_ .. queue, 0, 9)) do
    place = call('ZSCORE', order_ .. queue, id_of(queue, payload))
    if place then
      break
    end
  end
  if place then
    local gone = call('ZRANGEBYSCORE', order_ .. queue, '-inf', '(' .. place, 'LIMIT', 0, WINDOW)
    for _, id in ipairs(gone) do
      note_deleted(id, queue)
    end
  end
end

-- Whether the key holds nothing, or a list.
local function takes_elements(key)
  return type(redis.pcall('LLEN', key)) == 'number'
end
