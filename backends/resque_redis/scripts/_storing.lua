-- Letting entries wait, or delaying them.
--
-- KEYS queues      Ruby's set of known queue names
-- include: _ids
-- include: _delayed

-- When entries are due, in microseconds: `run_at` is that, or after a `+` the time from now on, or empty for now.
local function due_at(run_at, now)
  local number = tonumber(run_at)
  return number and (run_at:sub(1, 1) == '+' and now + number or number) or now
end

local function delay_all(parts, fresh, noted, at)
  if not takes_items(at) then
    return redis.error_reply('WRONGTYPE the key of the jobs that are due then holds no list')
  end
  for _, place in ipairs(fresh) do
    if noted[parts[place]] then
      forget_id(parts[place])
    end
    delay(parts[place], parts[place + 1], parts[place + 2], at)
  end
  return #fresh
end

-- Append entries {id, queue, payload, id, queue, payload, ...} to their queues, or put them before all that
-- wait, or delay them until `at`, if that is later than now: all of them, or none. How many were stored, or an error.
local function store(parts, at_head, now, windows, at)
  local queues_seen, chosen, fresh, noted = {}, {}, {}, {}
  for place = 1, #parts, 3 do
    local id, queue = parts[place], parts[place + 1]
    if not queues_seen[queue] and not takes_elements(queue_ .. queue) then
      return redis.error_reply('WRONGTYPE the key of queue ' .. queue .. ' holds no list')
    end
    queues_seen[queue] = true
    if not chosen[id] then
      noted[id] = is_noted(id)
      if not noted[id] or not is_live(id, windows) then
        chosen[id] = true
        fresh[#fresh + 1] = place
      end
    end
  end
  if at > now then
    return delay_all(parts, fresh, noted, at)
  end
  -- Above maxmemory the first write is refused, so it must be one that is, before anything is stored.
  local touched = {}
  for _, place in ipairs(fresh) do
    local queue = parts[place + 1]
    if not touched[queue] then
      touched[queue] = call('SADD', queues, queue)
    end
  end
  local first, last, step = 1, #fresh, 1
  if at_head then
    first, last, step = #fresh, 1, -1
  end
  for index = first, last, step do
    local place = fresh[index]
    local id, queue, payload = parts[place], parts[place + 1], parts[place + 2]
    if noted[id] then
      forget_id(id)
    end
    note_waiting(id, queue, payload, at_head, now, now)
  end
  for index = first, last, step do
    local place = fresh[index]
    call(at_head and 'LPUSH' or 'RPUSH', queue_ .. parts[place + 1], parts[place + 2])
  end
  for queue, is_new in pairs(touched) do
    forget_taken_by_others(queue)
    wake_one(queue, is_new)
  end
  return #fresh
end
