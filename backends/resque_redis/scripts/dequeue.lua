-- Delete every element of a queue that has one of these payloads.
--
-- ARGV queue       its name
-- ARGV behind      how many elements there were between these and the tail when they were read
-- ARGV count       among how many they were, side by side
-- ARGV ...         payloads, each once
-- Reply: how many were deleted.
-- include: _clock
-- include: _ids
-- include: _deleting

local TOMBSTONE = '\0deleted'
-- So many elements may have come or gone behind them since.
local SLACK = 200
local MANY = 50

local key = queue_ .. queue
if not takes_elements(key) then
  return 0
end
local length, meant, found = call('LLEN', key), {}, {}
for place = REST, #ARGV do
  meant[ARGV[place]] = true
end

local function forget_equals(payload, times)
  for _ = 1, times do
    note_deleted(id_of(queue, payload), queue)
  end
end

-- Mark what is meant among these elements. To go to a place in a list takes the longer the further it is from an end.
local function mark(first, last)
  local count = 0
  for index, payload in ipairs(call('LRANGE', key, first, last)) do
    if meant[payload] then
      local place = first + index - 1
      call('LSET', key, place < length / 2 and place or place - length, TOMBSTONE)
      forget_equals(payload, 1)
      found[payload] = true
      count = count + 1
    end
  end
  return count
end

local function take_out_marked(count, from_head)
  return count > 0 and call('LREM', key, from_head and count or -count, TOMBSTONE) or 0
end

-- Where they were: a pass of a long list takes long.
local function delete_near()
  local last = length - 1 - math.max(behind - SLACK, 0)
  local first = math.max(length - behind - count - SLACK, 0)
  return last < 0 and 0 or take_out_marked(mark(first, last), first < length / 2)
end

-- One pass of the server's for each payload.
local function delete_few(payloads)
  local deleted = 0
  for _, payload in ipairs(payloads) do
    local times = call('LREM', key, 0, payload)
    forget_equals(payload, times)
    deleted = deleted + times
  end
  return deleted
end

-- One pass of ours for all of them.
local function delete_many()
  local marked = 0
  for first = 0, length - 1, 1000 do
    marked = marked + mark(first, first + 999)
  end
  return take_out_marked(marked, true)
end

local function not_found()
  local payloads = {}
  for place = REST, #ARGV do
    if not found[ARGV[place]] then
      payloads[#payloads + 1] = ARGV[place]
    end
  end
  return payloads
end

-- Changes nothing. But when memory is full the first write must be one that takes none.
call('LTRIM', key, 0, -1)
local deleted = delete_near()
length = call('LLEN', key)
local rest = not_found()
if #rest < MANY then
  return deleted + delete_few(rest)
end
return deleted + delete_many()
