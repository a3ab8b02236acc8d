-- Whether a noted id is still there.
--
-- KEYS queue_      see _ids.lua
-- KEYS worker_     see _ids.lua
-- KEYS ids         see _ids.lua
-- KEYS order_      see _ids.lua
-- KEYS delayed_    see _delayed.lua
-- KEYS delayed     see _delayed.lua
-- KEYS retrying    set of the ids that are delayed until another attempt
-- include: _ids
-- include: _deleting

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
