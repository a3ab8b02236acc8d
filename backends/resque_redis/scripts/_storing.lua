-- Letting entries wait, or delaying them.
--
-- KEYS queues      Ruby's set of known queue names
-- KEYS ids         see _ids.lua
-- KEYS delayed     see _delayed.lua
-- include: _ids
-- include: _waiting

-- When entries are due, in microseconds: `run_at` is that, or after a `+` the time from now on, or empty for now.
local function due_at(run_at, now)
  local number = tonumber(run_at)
  return number and (run_at:sub(1, 1) == '+' and now + number or number) or now
end

-- The places of entries in `parts`, of several with one id that of the first; and which ids are noted. Or an error.
local function look_at(parts, first)
  local queues_seen, seen, places, noted, asked = {}, {}, {}, {}, {}
  local function ask()
    for index, mark in ipairs(#asked > 0 and call('HMGET', ids, unpack(asked)) or {}) do
      noted[asked[index]] = mark or nil
    end
    asked = {}
  end
  for place = first, #parts, 3 do
    local id, queue = parts[place], parts[place + 1]
    if not queues_seen[queue] then
      if not takes_elements(queue_ .. queue) then
        return redis.error_reply('WRONGTYPE the key of queue ' .. queue .. ' holds no list')
      end
      queues_seen[queue] = true
    end
    if not seen[id] then
      seen[id] = true
      places[#places + 1] = place
      asked[#asked + 1] = id
      if #asked >= AT_ONCE then
        ask()
      end
    end
  end
  ask()
  if call('ZCARD', delayed) > 0 then
    for id in pairs(seen) do
      noted[id] = noted[id] or call('ZSCORE', delayed, id) or nil
    end
  end
  return places, noted
end

-- The places without those of ids that are there already; and those of noted ids that are not.
local function without_live(parts, places, noted, windows)
  -- include: _liveness
  local fresh, dead = {}, {}
  for _, place in ipairs(places) do
    local id = parts[place]
    if not noted[id] then
      fresh[#fresh + 1] = place
    elseif not is_live(id, windows) then
      fresh[#fresh + 1] = place
      dead[#dead + 1] = id
    end
  end
  return fresh, dead
end

local function forget_all(dead)
  -- include: _liveness
  for _, id in ipairs(dead) do
    forget_id(id)
  end
end

local function delay_all(parts, fresh, dead, at)
  -- include: _delayed
  if not takes_items(at) then
    return redis.error_reply('WRONGTYPE the key of the jobs that are due then holds no list')
  end
  forget_all(dead)
  for _, place in ipairs(fresh) do
    delay(parts[place], parts[place + 1], parts[place + 2], at)
  end
  return #fresh
end

-- By queue, {id, payload, id, payload, ...} in the order of pushing.
local function by_queue(parts, fresh, at_head)
  local jobs = {}
  for index = 1, #fresh do
    local place = fresh[at_head and #fresh + 1 - index or index]
    local queue = parts[place + 1]
    local there = jobs[queue]
    if not there then
      there = {}
      jobs[queue] = there
    end
    local count = #there
    there[count + 1], there[count + 2] = parts[place], parts[place + 2]
  end
  return jobs
end

-- Push the payloads of {id, payload, id, payload, ...}. How many are in the queue then.
local function push_all(queue, jobs, at_head)
  local command, length = at_head and 'LPUSH' or 'RPUSH', 0
  for first = 2, #jobs, 2 * AT_ONCE do
    local payloads = {}
    for index = first, math.min(first + 2 * AT_ONCE - 1, #jobs), 2 do
      payloads[#payloads + 1] = jobs[index]
    end
    length = call(command, queue_ .. queue, unpack(payloads))
  end
  return length
end

-- Append entries {id, queue, payload, id, queue, payload, ...}, from the first place on, to their queues, or put them
-- before all that wait, or delay them until `at`, if that is later than now: all of them, or none. How many were stored,
-- or an error.
local function store(parts, first, at_head, now, windows, at)
  local fresh, noted = look_at(parts, first)
  if not noted then
    return fresh
  end
  local dead = {}
  if next(noted) then
    fresh, dead = without_live(parts, fresh, noted, windows)
  end
  if at > now then
    return delay_all(parts, fresh, dead, at)
  end
  -- Above maxmemory the first write is refused, so it must be one that is, before anything is stored.
  local jobs, is_new = by_queue(parts, fresh, at_head), {}
  for queue in pairs(jobs) do
    is_new[queue] = call('SADD', queues, queue)
  end
  if #dead > 0 then
    forget_all(dead)
  end
  for queue, its in pairs(jobs) do
    note_all_waiting(queue, its, at_head, now, now)
  end
  for queue, its in pairs(jobs) do
    forget_taken_by_others(queue, push_all(queue, its, at_head))
    wake_one(queue, is_new[queue])
  end
  return #fresh
end
