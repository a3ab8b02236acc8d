-- The end of a reservation, fenced by its token.
--
-- KEYS worker_     prefix of Ruby's in-flight records; ours end with the token
-- KEYS ids         see _ids.lua
-- KEYS rescues     see _ids.lua
-- KEYS settled     hash: worker id -> the token, as JSON, that it settled last
-- include: _ids

-- The worker's record, if it was made under this token (given as JSON).
local function holds(worker, token)
  local record = call('GET', worker_ .. worker)
  return ends_with(record, ',"token":' .. token .. '}') and record
end

-- Whether others came along with the job of a record that ends so. It says that itself, so that it costs no command to
-- know; and most say it with one letter before that.
local function is_bundle(record, ending)
  return record:byte(-#ending - 2) == 101 and ends_with(record, ',"along":true}' .. ending)
end

-- Nothing, if the job of this record is alone. Else an error, if what came along could not wait, to be asked before the
-- job is touched; or nothing and the function that lets all of them wait, to be called when the job is in nobody's hands,
-- and before it is put at the head of a queue itself; `rescued`: the worker is dead.
local function read_bundle(worker, token, record)
  local ending = ',"token":' .. token .. '}'
  if not is_bundle(record, ending) then
    return nil
  end
  -- include: _bundles
  local bundle = kept_bundle(worker, ending)
  if not bundle then
    return nil
  end
  return obstacle_to_bundle(bundle, {}), function(now, rescued)
    put_back(bundle, {}, take_bundle(worker, bundle), now, rescued)
  end
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
