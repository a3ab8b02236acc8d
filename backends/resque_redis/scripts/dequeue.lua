-- Delete every element of a queue that has one of these payloads.
--
-- ARGV queue       its name
-- ARGV ...         payloads, each once
-- Reply: how many were deleted.
-- include: _clock
-- include: _ids
-- include: _deleting

local TOMBSTONE = '\0deleted'
local MANY = 50

if not takes_elements(queue_ .. queue) then
  return 0
end

local function forget_equals(payload, times)
  for _ = 1, times do
    note_deleted(id_of(queue, payload), queue)
  end
end

-- One pass of the server's for each payload.
local function delete_few()
  local deleted = 0
  for place = REST, #ARGV do
    local times = call('LREM', queue_ .. queue, 0, ARGV[place])
    forget_equals(ARGV[place], times)
    deleted = deleted + times
  end
  return deleted
end

-- One pass of ours for all of them: mark each, then take out the marks. LREM comes first because LSET would be
-- refused as the first write when memory is full.
local function delete_many()
  local meant, deleted = {}, 0
  for place = REST, #ARGV do
    meant[ARGV[place]] = true
  end
  call('LREM', queue_ .. queue, 0, TOMBSTONE)
  for first = 0, call('LLEN', queue_ .. queue) - 1, 1000 do
    for place, payload in ipairs(call('LRANGE', queue_ .. queue, first, first + 999)) do
      if meant[payload] then
        call('LSET', queue_ .. queue, first + place - 1, TOMBSTONE)
        forget_equals(payload, 1)
        deleted = deleted + 1
      end
    end
  end
  call('LREM', queue_ .. queue, 0, TOMBSTONE)
  return deleted
end

if #ARGV - REST < MANY then
  return delete_few()
end
return delete_many()
