-- How long the oldest waiting job of each of some queues has waited.
--
-- ARGV ...         names of queues
-- Reply: microseconds, of each.
-- include: _clock
-- include: _ids

-- The place of the first element that we know of: what is noted before it was taken by others.
local function first_place(queue)
  for place = 0, WINDOW - 1 do
    local payload = call('LINDEX', queue_ .. queue, place)
    if not payload then
      return nil
    end
    local found = call('ZSCORE', order_ .. queue, id_of(queue, payload))
    if found then
      return found
    end
  end
end

-- Jobs that came to the front may be of any age. Behind them, the first is the oldest.
local function oldest_from(queue, place, now)
  local oldest = now
  local noted = call('ZRANGEBYSCORE', order_ .. queue, place, '+inf', 'WITHSCORES', 'LIMIT', 0, 1000)
  for at = 1, #noted, 2 do
    local since = tonumber((read_mark(call('HGET', ids, noted[at]) or '')) or now)
    oldest = math.min(oldest, since)
    if since <= tonumber(noted[at + 1]) then
      break
    end
  end
  return oldest
end

local now, answer = read_clock(), {}
for argument = REST, #ARGV do
  local queue = ARGV[argument]
  local place = takes_elements(queue_ .. queue) and first_place(queue)
  answer[#answer + 1] = place and digits(now - oldest_from(queue, place, now)) or 0
end
return answer
