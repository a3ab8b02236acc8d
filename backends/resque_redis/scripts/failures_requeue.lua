-- Append the jobs of failures to queues; the failures go, or are replaced.
--
-- KEYS queues      Ruby's set of known queue names
-- KEYS failures    zset: failure id -> a number that grows
-- ARGV ...         ten for each: its id; index where it was seen; the element that was seen; the element that takes its
--                  place, or nothing; id, queue and payload of the job; key of the claim that it is to hold again, or
--                  nothing; the ending of that claim; milliseconds for which it is held, if it ends so
-- Reply: for each of them 1; 0 if the job waits, is delayed or runs, or another holds the claim; -1 if the failure is not
--        near that place any more, or is another one now.
-- include: _clock
-- include: _ids
-- include: _waiting
-- include: _places
-- include: _holders

local now = read_clock()

local function requeue(failure, index, element, replacement, id, queue, payload, key, ending, milliseconds)
  local place = find_failure(tonumber(index), function(other) return other == element end)
  if not place then
    return -1
  end
  if not takes_elements(queue_ .. queue) then
    error('WRONGTYPE the key of queue ' .. queue .. ' holds no list', 0)
  end
  if is_live(id, {}) or (key ~= '' and other_holder(id, key, {}, {})) then
    return 0
  end
  local is_new = call('SADD', queues, queue)
  forget_id(id)
  call('HDEL', rescues, id)
  note_waiting(id, queue, payload, false, now, now)
  call('RPUSH', queue_ .. queue, payload)
  wake_one(queue, is_new)
  if key ~= '' then
    hold_claim(id, key, ending, milliseconds)
  end
  if replacement == '' then
    mark_removed(place)
    call('ZREM', failures, failure)
  else
    replace_at(place, replacement)
  end
  return 1
end

local answer, hints, problem = {}, {}, nil
for at = REST, #ARGV, 10 do
  hints[#hints + 1] = tonumber(ARGV[at + 1])
end
look_at(hints)
for at = REST, #ARGV, 10 do
  local done, said = pcall(requeue, unpack(ARGV, at, at + 9))
  if not done then
    problem = said
    break
  end
  answer[#answer + 1] = said
end
-- Also after a problem: what was requeued before it has moved.
remove_marked()
if problem then
  error(problem, 0)
end
return answer
