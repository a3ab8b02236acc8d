-- Append entries to their queues, or put them before all that wait: all of them, or none.
--
-- KEYS queues      Ruby's set of known queue names
-- ARGV at_front    1 or 0
-- ARGV ...         id, queue, payload; id, queue, payload; ...
-- Reply: how many were stored.
-- include: _clock
-- include: _ids

local now, windows, queues_seen, chosen, fresh, noted = read_clock(), {}, {}, {}, {}, {}
for place = REST, #ARGV, 3 do
  local id, queue = ARGV[place], ARGV[place + 1]
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
  local queue = ARGV[place + 1]
  if not touched[queue] then
    redis.call('SADD', queues, queue)
    touched[queue] = true
  end
end
local at_head = at_front == '1'
local first, last, step = 1, #fresh, 1
if at_head then
  first, last, step = #fresh, 1, -1
end
for index = first, last, step do
  local place = fresh[index]
  local id, queue, payload = ARGV[place], ARGV[place + 1], ARGV[place + 2]
  if noted[id] then
    forget_id(id)
  end
  note_waiting(id, queue, payload, at_head, now, now)
end
for index = first, last, step do
  local place = fresh[index]
  redis.call(at_head and 'LPUSH' or 'RPUSH', queue_ .. ARGV[place + 1], ARGV[place + 2])
end
for queue in pairs(touched) do
  forget_taken_by_others(queue)
end
return #fresh
