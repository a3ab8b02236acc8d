-- Finding elements of the failed list near the places where they were seen, or should be, and taking them out.
--
-- To come to a place in the middle of a long list takes the server longer than all else: of several that are near each
-- other the list is read once, and each place is named from the end that is nearer to it.
--
-- KEYS failed      Ruby's list of failures, oldest first

-- So far is looked on either side: the list may be long, and nobody else is served meanwhile.
local NEAR = 200
-- Places that are no further apart are read together, and so many elements at most.
local GAP, MOST = 500, 5000
-- No element is this text: it stands where one was, until all that are to go are taken out at once.
local TOMBSTONE = '\0removed'

local size = call('LLEN', failed)
local seen = {}
local marked = {count = 0}

local function from_nearer_end(index)
  return index * 2 > size and index < size and index - size or index
end

-- Read what is at these places, which `find_failure` is asked for next.
local function look_at(hints)
  table.sort(hints)
  local first = 1
  for place = 1, #hints do
    local next_one = hints[place + 1]
    if not next_one or next_one - hints[place] > GAP or next_one - hints[first] >= MOST then
      local elements = place > first and call('LRANGE', failed, hints[first], hints[place]) or {}
      for each = first, place do
        seen[hints[each]] = elements[hints[each] - hints[first] + 1]
      end
      first = place + 1
    end
  end
end

-- The index of the element, counted from 0, for which `is_it` is true, and the element.
local function find_failure(hint, is_it)
  local there = seen[hint] or call('LINDEX', failed, from_nearer_end(hint))
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

-- Put another element in the place of one.
local function replace_at(index, element)
  call('LSET', failed, from_nearer_end(index), element)
  seen[index] = element
end

-- Mark what is to be taken out, by index, as Ruby does; but in the same step as `remove_marked`.
local function mark_removed(index)
  replace_at(index, TOMBSTONE)
  marked.count = marked.count + 1
  marked.oldest = math.min(marked.oldest or index, index)
  marked.newest = math.max(marked.newest or index, index)
end

-- Take out all that were marked, from the end of the list that is nearer to the last of them: one pass for any number.
local function remove_marked()
  if marked.count > 0 then
    local from_the_old_end = marked.newest < size - marked.oldest
    call('LREM', failed, from_the_old_end and marked.count or -marked.count, TOMBSTONE)
  end
end
