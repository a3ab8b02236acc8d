-- Finding an element of the failed list near a place where it was seen, or should be.
--
-- KEYS failed      Ruby's list of failures, oldest first

-- So far is looked on either side: the list may be long, and nobody else is served meanwhile.
local NEAR = 200

-- The index of the element, counted from 0, for which `is_it` is true, and the element.
local function find_failure(hint, is_it)
  local there = call('LINDEX', failed, hint)
  if there and is_it(there) then
    return hint, there
  end
  local first = math.max(0, hint - NEAR)
  local elements = call('LRANGE', failed, first, hint + NEAR)
  for place = #elements, 1, -1 do
    if is_it(elements[place]) then
      return first + place - 1, elements[place]
    end
  end
end

-- Remove by index, as Ruby does, but in one step: mark it with a text that is no element, and take that out.
local function remove_at(index)
  call('LSET', failed, index, '\0removed')
  local from_the_nearer_end = index * 2 < call('LLEN', failed) and 1 or -1
  call('LREM', failed, from_the_nearer_end, '\0removed')
end
