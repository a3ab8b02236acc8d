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
-- KEYS delayed_    see _delayed.lua
-- KEYS delayed     see _delayed.lua
-- KEYS retrying    set of the ids that are delayed until another attempt
-- include: _claims
-- include: _waking

-- How many elements from the head are looked at to find out whether an id still waits.
local WINDOW = 100

local function ends_with(text, ending)
  return text and text:sub(-#ending) == ending
end

-- A stand-in for a server may have no sha1hex. The text itself, in one line, does as well, only longer.
local sha1 = redis.sha1hex or function(text)
  return (text:gsub('\n', '\0n'))
end

local function digest_of(queue, payload)
  return sha1(queue .. '\0' .. payload)
end

-- The id that a payload carries. It is read, never written again.
local function own_id(payload)
  local decoded, body = pcall(cjson.decode, payload)
  local id = decoded and type(body) == 'table' and body.id
  if type(id) == 'string' and #id > 0 and #id <= 255 and not id:find('%c') then
    return id
  end
end

-- The table of a JSON list; nothing if somebody wrote another text.
local function list_of(text)
  local decoded, list = pcall(cjson.decode, text)
  return decoded and type(list) == 'table' and list or nil
end

local function namesakes(digest)
  local known = call('HGET', aliases, digest)
  return known and list_of(known)
end

local function keep_namesakes(digest, names)
  if #names == 0 then
    call('HDEL', aliases, digest)
  else
    call('HSET', aliases, digest, cjson.encode(names))
  end
end

-- The id of the n-th (from 1) of some equal elements, from the head.
local function id_of(queue, payload, n)
  if call('HLEN', aliases) > 0 then
    local names = namesakes(digest_of(queue, payload))
    if names and names[n or 1] then
      return names[n or 1]
    end
  end
  return own_id(payload) or digest_of(queue, payload)
end

local function waiting_mark(since, digest, queue)
  return 'w' .. digits(since) .. '\n' .. digest .. '\n' .. queue
end

-- The time, then digest and queue or token and worker.
local function read_mark(mark)
  return mark:match('^[wr](%d+)\n([^\n]*)\n(.*)$')
end

-- Note an alias, unless the payload itself says its id. The digest, or nothing.
local function name(id, queue, payload, at_head, now)
  if own_id(payload) == id and call('HLEN', aliases) == 0 then
    return ''
  end
  local digest = digest_of(queue, payload)
  local names = namesakes(digest)
  if not names then
    local usual = own_id(payload) or digest
    if usual == id then
      return ''
    end
    names = {}
    if call('ZSCORE', order_ .. queue, usual) then
      names = {usual}
      -- Not noted any more, if another program's copy of that job ended.
      local since = read_mark(call('HGET', ids, usual) or '') or now
      call('HSET', ids, usual, waiting_mark(since, digest, queue))
    end
  end
  table.insert(names, at_head and 1 or #names + 1, id)
  keep_namesakes(digest, names)
  return digest
end

-- Note that an element is pushed, waiting since that time. What is new is noted first, so that an error here
-- stores nothing; what left a worker's hands is pushed first, so that an error here loses nothing.
local function note_waiting(id, queue, payload, at_head, since, now)
  local digest = name(id, queue, payload, at_head, now)
  local edge = call(at_head and 'ZRANGE' or 'ZREVRANGE', order_ .. queue, 0, 0, 'WITHSCORES')[2]
  local place = now
  if edge then
    place = at_head and tonumber(edge) - 1 or math.max(now, tonumber(edge) + 1)
  end
  call('ZADD', order_ .. queue, digits(place), id)
  call('HSET', ids, id, waiting_mark(since, digest, queue))
end

-- Note that an element does not wait any more. Since when it had waited.
local function note_taken(id, queue)
  local mark = call('HGET', ids, id)
  if call('ZREM', order_ .. queue, id) == 0 or not mark then
    return nil
  end
  local since, digest = read_mark(mark)
  call('HDEL', ids, id)
  local names = digest and digest ~= '' and namesakes(digest) or {}
  for place, other in ipairs(names) do
    if other == id then
      table.remove(names, place)
      keep_namesakes(digest, names)
      break
    end
  end
  return tonumber(since)
end

-- Note that a waiting job was deleted.
local function note_deleted(id, queue)
  note_taken(id, queue)
  end_claim(id, DELETED)
  call('HDEL', rescues, id)
end

-- The ids and places of the elements near the head: those that are still noted.
local function look_at_head(queue)
  local window = {found = {}, last = nil}
  local elements = call('LRANGE', queue_ .. queue, 0, WINDOW - 1)
  local times = {}
  for _, payload in ipairs(elements) do
    times[payload] = (times[payload] or 0) + 1
    local id = id_of(queue, payload, times[payload])
    window.found[id] = true
    window.last = tonumber(call('ZSCORE', order_ .. queue, id) or window.last)
  end
  window.whole = #elements < WINDOW
  return window
end

-- Whether a noted id really waits. Behind the window, its place decides: what is before the window's last
-- element and not in it was taken by another program. (Taken out of the middle, it is believed to wait
-- until the head of the queue passes by.)
local function still_waits(id, queue, windows)
  windows[queue] = windows[queue] or look_at_head(queue)
  local window = windows[queue]
  if window.found[id] or window.whole then
    return window.found[id]
  end
  local place = tonumber(call('ZSCORE', order_ .. queue, id) or 0)
  return not window.last or place > window.last
end

-- Whether anything is noted of an id.
local function is_noted(id)
  return call('HEXISTS', ids, id) == 1 or call('ZSCORE', delayed, id)
end

-- Whether the id waits, is delayed, or runs. `windows` keeps what was seen of queues during one call. (Of a delayed
-- job that another program deleted, the note is believed until no job of its second is left.)
local function is_live(id, windows)
  local mark = call('HGET', ids, id)
  if not mark then
    local epoch = call('ZSCORE', delayed, id)
    return epoch and call('EXISTS', delayed_ .. epoch) == 1
  end
  local _, middle, last = read_mark(mark)
  if mark:sub(1, 1) == 'r' then
    return ends_with(call('GET', worker_ .. last), middle)
  end
  return still_waits(id, last, windows)
end

-- Forget an id that is not live, wherever it was noted.
local function forget_id(id)
  call('ZREM', delayed, id)
  call('SREM', retrying, id)
  local mark = call('HGET', ids, id)
  if mark then
    local _, _, queue = read_mark(mark)
    if mark:sub(1, 1) == 'w' then
      note_deleted(id, queue)
    else
      call('HDEL', ids, id)
    end
  end
end

-- Forget some ids that other programs took from the head: more are noted than there are elements.
local function forget_taken_by_others(queue)
  local length = call('LLEN', queue_ .. queue)
  if call('ZCARD', order_ .. queue) <= length then
    return
  end
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
  local kind = call('TYPE', key).ok
  return kind == 'none' or kind == 'list'
end
