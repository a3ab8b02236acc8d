-- Noting that elements wait.
--
-- KEYS aliases     see _ids.lua
-- KEYS order_      see _ids.lua
-- KEYS ids         see _ids.lua
-- include: _clock
-- include: _ids

-- How many values one command gets: unpack() is for some 8000, and few are still in the processor's cache.
local AT_ONCE = 500

local function waiting_mark(since, digest, queue)
  return 'w' .. digits(since) .. '\n' .. digest .. '\n' .. queue
end

-- Note an alias, unless the payload itself says its id. The digest, or nothing.
local function name(id, queue, payload, at_head, now)
  -- include: _aliases
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

-- Note that elements {id, payload, id, payload, ...} are pushed, one after the other, waiting since that time. What is
-- new is noted first, so that an error here stores nothing; what left a worker's hands is pushed first, so that an
-- error here loses nothing.
local function note_all_waiting(queue, jobs, at_head, since, now)
  local order, usual = order_ .. queue, waiting_mark(since, '', queue)
  local edge = call(at_head and 'ZRANGE' or 'ZREVRANGE', order, 0, 0, 'WITHSCORES')[2]
  local step = at_head and -1 or 1
  local place = edge and edge + step or now
  if not at_head then
    place = math.max(now, place)
  end
  local aliased, places, marks = call('HLEN', aliases) > 0, {}, {}
  local function write()
    if #places > 0 then
      call('ZADD', order, unpack(places))
      call('HSET', ids, unpack(marks))
      places, marks = {}, {}
    end
  end
  for index = 1, #jobs, 2 do
    local id, payload, mark = jobs[index], jobs[index + 1], usual
    if aliased or own_id(payload) ~= id then
      write()
      mark = waiting_mark(since, name(id, queue, payload, at_head, now), queue)
      aliased = true
    end
    local count = #places
    -- The server writes a number that is an argument with all of its digits.
    places[count + 1], places[count + 2] = place, id
    marks[count + 1], marks[count + 2] = id, mark
    place = place + step
    if count + 2 >= AT_ONCE then
      write()
    end
  end
  write()
end

local function note_waiting(id, queue, payload, at_head, since, now)
  note_all_waiting(queue, {id, payload}, at_head, since, now)
end
