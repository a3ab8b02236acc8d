-- Finding an element of the failed list from a place where it may be.
--
-- KEYS failed      Ruby's list of failures, oldest first

local CHUNK = 500

-- The index of the element, counted from 0, for which `is_it` is true; looked for at `hint` first.
local function find_failure(hint, is_it)
  local there = redis.call('LINDEX', failed, hint)
  if there and is_it(there) then
    return hint, there
  end
  for start = redis.call('LLEN', failed) - 1, 0, -CHUNK do
    local first = math.max(0, start - CHUNK + 1)
    local elements = redis.call('LRANGE', failed, first, start)
    for place = #elements, 1, -1 do
      if is_it(elements[place]) then
        return first + place - 1, elements[place]
      end
    end
  end
end

-- Remove by index, as Ruby does, but in one step: mark it with a text that is no element, and take that out.
local function remove_at(index)
  redis.call('LSET', failed, index, '\0removed')
  redis.call('LREM', failed, 1, '\0removed')
end
