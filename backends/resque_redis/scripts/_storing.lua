-- Letting entries wait.
--
-- KEYS queues      Ruby's set of known queue names

-- Append entries {id, queue, payload, id, queue, payload, ...} to their queues, or put them before all that
-- wait: all of them, or none. How many were stored, or an error.
local function store(parts, at_head, now, windows)
  local queues_seen, chosen, fresh, noted = {}, {}, {}, {}
  for place = 1, #parts, 3 do
    local id, queue = parts[place], parts[place + 1]
    if not queues_seen[queue] and not takes_elements(queue_ .. queue) then
      return redis.error_reply('WRONGTYPE the key of queue ' .. queue .. ' holds no list')
    end
    queues_seen[queue] = true
    if not chosen[id] then
      noted[id] = redis.call('HEXISTS', ids, id) == 1
      if not noted[id] or not is_live(id, windows) then
        chosen[id] = true
        fresh[#fresh + 1] = place
      end
    end
  end
  -- Above maxmemory the first write is refused, so it must be one that is, before anything is stored.
  local touched = {}
  for _, place in ipairs(fresh) do
    local queue = parts[place + 1]
    if not touched[queue] then
      redis.call('SADD', queues, queue)
      touched[queue] = true
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
    redis.call(at_head and 'LPUSH' or 'RPUSH', queue_ .. parts[place + 1], parts[place + 2])
  end
  for queue in pairs(touched) do
    forget_taken_by_others(queue)
  end
  return #fresh
end
