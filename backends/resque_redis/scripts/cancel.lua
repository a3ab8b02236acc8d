-- Delete a job, if it waits or is delayed.
--
-- ARGV id          its id
-- Reply: 1, or 0.
-- include: _clock
-- include: _ids
-- include: _deleting
-- include: _delayed

local epoch, item = find_item(id)
if item then
  take_out(id, epoch, item)
  end_claim(id, 'deleted')
  call('HDEL', rescues, id)
  return 1
end
local mark = call('HGET', ids, id)
if not mark or mark:sub(1, 1) ~= 'w' then
  return 0
end
local _, alias, queue = read_mark(mark)
if not takes_elements(queue_ .. queue) then
  return 0
end

-- The place, from the head, of the job in its queue, and its payload. Only what has the id in it is read.
local function find_element()
  local times = {}
  for first = 0, call('LLEN', queue_ .. queue) - 1, 1000 do
    for place, payload in ipairs(call('LRANGE', queue_ .. queue, first, first + 999)) do
      if alias ~= '' or payload:find(id, 1, true) or digest_of(queue, payload) == id then
        times[payload] = (times[payload] or 0) + 1
        if id_of(queue, payload, times[payload]) == id then
          return first + place - 1, payload
        end
      end
    end
  end
end

local index, payload = find_element()
if not index then
  return 0
end
-- Removed by a mark that no job is. Taking out none of these first is a write that is allowed when memory is full.
local TOMBSTONE = '\0cancelled'
call('LREM', queue_ .. queue, 0, TOMBSTONE)
call('LSET', queue_ .. queue, index, TOMBSTONE)
call('LREM', queue_ .. queue, 1, TOMBSTONE)
note_deleted(id, queue)
return 1
