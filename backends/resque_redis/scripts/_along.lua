-- Taking jobs along with the head of a queue, which was taken just now.
--
-- KEYS bundles     see _bundles.lua
-- include: _ids
-- include: _orphans

-- One command gets so many values; and so many bytes are kept twice for a moment.
local MOST_ALONG, MOST_BYTES = 499, 262144

-- The id that a text of ours ends with: `…,"id":"32 letters","enqueued_at":"27 letters"}`. Ten times as fast as to read
-- it all; that it is sound, the mark of that id says: whoever noted it read it.
local function quick_id(payload)
  if payload:sub(-46, -30) == '","enqueued_at":"' and payload:sub(-85, -79) == ',"id":"' then
    return payload:sub(-78, -47)
  end
end

-- What is known of up to so many from the head of the queue, in their order: payloads, ids, and their marks.
local function look_along(queue, more)
  local payloads, jobs = call('LRANGE', queue_ .. queue, 0, more - 1), {}
  for place = 1, #payloads do
    jobs[place] = quick_id(payloads[place]) or usual_id(queue, payloads[place])
  end
  return payloads, jobs, #jobs > 0 and call('HMGET', ids, unpack(jobs)) or {}
end

-- Make of each of these marks what it becomes: {id, mark, id, mark, ...}. They end before the first job that must come
-- alone, and so do the payloads and ids then.
local function mark_along(queue, payloads, jobs, marks, first, at, tail)
  local waits, seen, bytes, marked = '\n\n' .. queue, {[first] = true}, 0, {}
  local before = -#waits - 1
  for place = 1, #payloads do
    local payload, id, mark, since = payloads[place], jobs[place], marks[place], at
    if mark and mark:sub(before + 1) == waits and mark:byte() == 119 then
      since = mark:sub(2, before)
    else
      id = usual_id(queue, payload)
      jobs[place] = id
    end
    bytes = bytes + #payload
    if seen[id] or bytes > MOST_BYTES or payload:find('\n', 1, true) or #id ~= 32 and id:find('%c') then
      for left = #payloads, place, -1 do
        payloads[left], jobs[left] = nil, nil
      end
      break
    end
    seen[id] = true
    marked[2 * place - 1], marked[2 * place] = id, 'r' .. since .. tail
  end
  return marked
end

-- What is kept of those that come along, as it is kept; nothing if there are none.
local function take_along(worker, ending, queue, first, more, at)
  if more < 1 or queue:find('\n', 1, true) then
    return nil
  end
  local payloads, jobs, marks = look_along(queue, math.min(more, MOST_ALONG))
  local marked = mark_along(queue, payloads, jobs, marks, first, at, '\n' .. ending .. '\n' .. worker)
  if #jobs == 0 then
    return nil
  end
  local text = table.concat({ending, queue, table.concat(jobs, '\t'), table.concat(payloads, '\n')}, '\n')
  if call('HSETNX', bundles, worker, text) == 0 then
    give_back(worker, tonumber(at))
    return nil
  end
  call('HSET', ids, unpack(marked))
  call('ZREM', order_ .. queue, unpack(jobs))
  call('LTRIM', queue_ .. queue, #jobs, -1)
  return text
end
