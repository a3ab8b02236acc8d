-- Let some jobs of a queue wait at the tail of another one, in the order in which they wait.
--
-- KEYS queues      Ruby's set of known queue names
-- ARGV queue       where they wait
-- ARGV to          where they are to wait, which is another one
-- ARGV ...         ids
-- Reply: how many were moved.
-- include: _clock
-- include: _ids
-- include: _waiting
-- include: _storing

local TOMBSTONE = '\0moved'

if not takes_elements(queue_ .. queue) then
  return 0
end
if not takes_elements(queue_ .. to) then
  error('WRONGTYPE the key of queue ' .. to .. ' holds no list', 0)
end

-- Most ids are what the payload says, in letters that have one way of writing; a digest has 40. If all are such, few
-- payloads need to be read as JSON: all of a long queue would take seconds.
local wanted, left, plain = {}, 0, call('HLEN', aliases) == 0
for place = REST, #ARGV do
  local id = ARGV[place]
  left = left + (wanted[id] and 0 or 1)
  wanted[id] = true
  plain = plain and #id ~= 40 and id:find('^[%w_.-]+$')
end

local function may_be_wanted(payload)
  if not plain or payload:find('\\u', 1, true) then
    return true
  end
  for id in payload:gmatch('"id"%s*:%s*"([%w_.-]+)"') do
    if wanted[id] then
      return true
    end
  end
end

-- Places, from the head, and {id, payload, id, payload, ...}.
local function find_all()
  local places, jobs, times = {}, {}, {}
  for first = 0, call('LLEN', queue_ .. queue) - 1, 1000 do
    for place, payload in ipairs(call('LRANGE', queue_ .. queue, first, first + 999)) do
      if may_be_wanted(payload) then
        times[payload] = (times[payload] or 0) + 1
        local id = id_of(queue, payload, times[payload])
        if wanted[id] then
          wanted[id], left = false, left - 1
          places[#places + 1] = first + place - 1
          jobs[#jobs + 1], jobs[#jobs + 2] = id, payload
        end
      end
    end
    if left == 0 then
      break
    end
  end
  return places, jobs
end

local places, jobs = find_all()
if #places == 0 then
  return 0
end
-- The first write, and one that is allowed when memory is full.
for index = 1, #jobs, 2 do
  note_taken(jobs[index], queue)
end
-- They are pushed before they are taken out, so that an error in between loses nothing.
local now, is_new = read_clock(), call('SADD', queues, to)
push_all(to, jobs, false)
for _, place in ipairs(places) do
  call('LSET', queue_ .. queue, place, TOMBSTONE)
end
call('LREM', queue_ .. queue, #places, TOMBSTONE)
note_all_waiting(to, jobs, false, now, now)
wake_one(to, is_new)
return #places
