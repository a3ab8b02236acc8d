-- How long the oldest waiting job has waited.
--
-- ARGV queue       its name
-- Reply: microseconds.
-- include: _clock
-- include: _ids

if not takes_elements(queue_ .. queue) or call('LLEN', queue_ .. queue) == 0 then
  return 0
end
-- From the first element that we know of on: what is noted before it was taken by others.
local now, from = read_clock(), nil
for _, payload in ipairs(call('LRANGE', queue_ .. queue, 0, WINDOW - 1)) do
  from = call('ZSCORE', order_ .. queue, id_of(queue, payload))
  if from then
    break
  end
end
if not from then
  return 0
end
-- Jobs that came to the front may be of any age. Behind them, the first is the oldest.
local oldest = now
local noted = call('ZRANGEBYSCORE', order_ .. queue, from, '+inf', 'WITHSCORES', 'LIMIT', 0, 1000)
for place = 1, #noted, 2 do
  local since = tonumber((read_mark(call('HGET', ids, noted[place]) or '')) or now)
  oldest = math.min(oldest, since)
  if since <= tonumber(noted[place + 1]) then
    break
  end
end
return digits(now - oldest)
