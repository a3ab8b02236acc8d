-- Append the job of a failure to a queue; the failure goes, or is replaced.
--
-- KEYS queues      Ruby's set of known queue names
-- KEYS failures    zset: failure id -> a number that grows
-- ARGV failure     its id
-- ARGV index       where it was seen
-- ARGV element     what was seen
-- ARGV marked      the element that takes its place; empty: none does
-- ARGV id          of the job
-- ARGV queue       to append to
-- ARGV payload     the job's bytes
-- ARGV key         of the claim that it is to hold again; empty: it has none
-- ARGV ending      of that claim
-- ARGV milliseconds  for which it is held, if it ends so
-- Reply: 1; 0 if the job waits, is delayed or runs, or another holds the claim; -1 if the failure is not near that place any
--        more, or is another one now.
-- include: _clock
-- include: _ids
-- include: _places
-- include: _holders

local place = find_failure(tonumber(index), function(other) return other == element end)
if not place then
  return -1
end
if not takes_elements(queue_ .. queue) then
  return redis.error_reply('WRONGTYPE the key of queue ' .. queue .. ' holds no list')
end
if is_live(id, {}) or (key ~= '' and other_holder(id, key, {}, {})) then
  return 0
end
local now = read_clock()
local is_new = call('SADD', queues, queue)
forget_id(id)
call('HDEL', rescues, id)
note_waiting(id, queue, payload, false, now, now)
call('RPUSH', queue_ .. queue, payload)
wake_one(queue, is_new)
if key ~= '' then
  hold_claim(id, key, ending, milliseconds)
end
if marked == '' then
  call('ZREM', failures, failure)
  remove_at(place)
else
  call('LSET', failed, place, marked)
end
return 1
