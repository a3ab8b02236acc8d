-- The end of a reservation, fenced by its token.
--
-- KEYS worker_     prefix of Ruby's in-flight records; ours end with the token
-- KEYS ids         see _ids.lua
-- KEYS rescues     see _ids.lua
-- KEYS settled     hash: worker id -> the token, as JSON, that it settled last

-- The worker's record, if it was made under this token (given as JSON).
local function holds(worker, token)
  local record = call('GET', worker_ .. worker)
  return ends_with(record, ',"token":' .. token .. '}') and record
end

-- Take the job out of the worker's hands. Deleting comes first: it is allowed when memory is full, and
-- then so is the rest of the script. Since when the job had waited.
local function take_from(worker, id, token)
  call('DEL', worker_ .. worker)
  local mark = call('HGET', ids, id)
  local since, held_under = nil, nil
  if mark and mark:sub(1, 1) == 'r' then
    since, held_under = read_mark(mark)
  end
  if held_under == ',"token":' .. token .. '}' then
    call('HDEL', ids, id)
    return tonumber(since)
  end
end

-- The same answer again for the token that was settled last: its reply was lost.
local function settled_before(worker, token)
  return call('HGET', settled, worker) == token and 1 or 0
end
