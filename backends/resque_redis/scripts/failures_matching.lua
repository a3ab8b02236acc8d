-- What of a part of the failed list may be a failure that matches, newest first: to send all of it takes longer.
--
-- KEYS failed      Ruby's list of failures, oldest first
-- ARGV start       index of the first
-- ARGV stop        index of the last
-- ARGV ...         texts that are in each element that matches, unless one of its characters is written in another way
-- Reply: {index, element, index, element, ...}.

local function has_all(element)
  for place = REST, #ARGV do
    if not element:find(ARGV[place], 1, true) then
      return false
    end
  end
  return true
end

local function has_escapes(element)
  return element:find('\\u', 1, true) or element:find('\\/', 1, true)
end

if call('TYPE', failed).ok ~= 'list' then
  return {}
end
local elements, answer = call('LRANGE', failed, start, stop), {}
for place = #elements, 1, -1 do
  local element = elements[place]
  if has_all(element) or has_escapes(element) then
    local count = #answer
    answer[count + 1], answer[count + 2] = start + place - 1, element
  end
end
return answer
