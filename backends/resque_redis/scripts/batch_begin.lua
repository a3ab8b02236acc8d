-- Enqueue entries as the jobs of a batch, unless it is there.
--
-- ARGV batch       its id
-- ARGV callback    id of the job that waits for the end of all; empty: none does
-- ARGV to          its queue
-- ARGV text        its payload
-- ARGV lasts       for how many microseconds it is worth running then; 0: for ever
-- ARGV ...         id, queue, payload; id, queue, payload; ...
-- Reply: 1; 0 if it is there.
-- include: _clock
-- include: _ids
-- include: _storing
-- include: _batches

if call('EXISTS', batch_ .. batch) == 1 then
  return 0
end
if callback ~= '' and not takes_elements(queue_ .. to) then
  return redis.error_reply('WRONGTYPE the key of queue ' .. to .. ' holds no list')
end
local parts, now = {}, read_clock()
for place = REST, #ARGV do
  parts[place - REST + 1] = ARGV[place]
end
local stored = store(parts, 1, false, now, {}, now)
if type(stored) == 'table' then
  return stored
end
forget_batches(now)
call('ZADD', begun, digits(now), batch)
local total = #parts / 3
call('HSET', batch_ .. batch, 'total', total, 'failed', 0)
if callback ~= '' then
  call('HSET', batch_ .. batch, 'id', callback, 'queue', to, 'payload', text, 'lasts', lasts)
end
if total == 0 then
  end_batch(batch, now, {})
else
  call('ZADD', batches, 0, batch)
end
for place = 1, #parts, 3 do
  call('ZADD', batch_ .. batch .. ':jobs', 0, parts[place])
end
return 1
