-- Append entries to their queues, or put them before all that wait: all of them, or none.
--
-- KEYS queues      Ruby's set of known queue names
-- ARGV at_front    1 or 0
-- ARGV ...         id, queue, payload; id, queue, payload; ...
-- Reply: how many were stored.
-- include: _clock
-- include: _ids

local now, windows, chosen, fresh = read_clock(), {}, {}, {}
for place = REST, #ARGV, 3 do
  local id, queue = ARGV[place], ARGV[place + 1]
  if not takes_elements(queue_ .. queue) then
    return redis.error_reply('WRONGTYPE the key of queue ' .. queue .. ' holds no list')
  end
  if not chosen[id] and not is_live(id, windows) then
    chosen[id] = true
    fresh[#fresh + 1] = place
  end
end
-- Above maxmemory the first write is refused, so it must be one that is, before anything is stored.
for _, place in ipairs(fresh) do
  redis.call('SADD', queues, ARGV[place + 1])
end
local at_head, touched = at_front == '1', {}
local first, last, step = 1, #fresh, 1
if at_head then
  first, last, step = #fresh, 1, -1
end
for index = first, last, step do
  local place = fresh[index]
  local id, queue, payload = ARGV[place], ARGV[place + 1], ARGV[place + 2]
  forget_id(id)
  redis.call(at_head and 'LPUSH' or 'RPUSH', queue_ .. queue, payload)
  note_waiting(id, queue, payload, at_head, now, now)
  touched[queue] = true
end
for queue in pairs(touched) do
  forget_taken_by_others(queue)
end
return #fresh
