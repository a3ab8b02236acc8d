-- Slots of limits. One counts for as long as its job is in a worker's hands under the token that took it.
--
-- KEYS slots_      prefix of one hash for each key: id -> how the in-flight record ends that took the slot
-- KEYS line_       prefix of one zset for each key: id that waits for a slot -> until when, in microseconds
-- include: _ids

local function is_held(id, ending)
  local mark = call('HGET', ids, id)
  if not mark or mark:sub(1, 1) ~= 'r' then
    return false
  end
  local _, middle, worker = read_mark(mark)
  return middle == ending and ends_with(call('GET', worker_ .. worker), ending)
end

-- Forget the slots whose jobs are held no more. How many are left.
local function count_slots(key)
  local fields, left = call('HGETALL', slots_ .. key), 0
  for place = 1, #fields, 2 do
    if is_held(fields[place], fields[place + 1]) then
      left = left + 1
    else
      call('HDEL', slots_ .. key, fields[place])
    end
  end
  return left
end
