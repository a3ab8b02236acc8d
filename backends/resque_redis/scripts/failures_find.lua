-- Find failures by the ids that are written in them. Near their places in the order only: the rest is not read here.
--
-- KEYS failures    zset: failure id -> a number that grows
-- ARGV ...         id, how it is written (`"failure_id":"..."`); and so on
-- Reply: for each of them {index, element}; {} if there is none; {n} if one of the n elements may be it.
-- include: _places

-- Whether an element is the failure of this id.
local function is_of(element, failure, written)
  local _, last = element:find(written, 1, true)
  if not last then
    return false
  end
  local rest = element:sub(last + 1)
  if rest == '}' or rest:match('^,"retried_at":"[^"]*"}$') then
    return true
  end
  -- Another program's, or a text in a payload that looks like it.
  local decoded, body = pcall(cjson.decode, element)
  return decoded and type(body) == 'table' and body.failure_id == failure
end

local function find(failure, written, rank)
  if not rank then
    -- As many in the order as in the list: there is nobody else's failure, whose id the order does not know.
    return call('ZCARD', failures) == size and {} or {size}
  end
  local index, element = find_failure(rank, function(other) return is_of(other, failure, written) end)
  return index and {index, element} or {size}
end

local is_list = call('TYPE', failed).ok == 'list'
local answer, ranks, hints = {}, {}, {}
for at = REST, #ARGV, 2 do
  ranks[at] = is_list and call('ZRANK', failures, ARGV[at])
  hints[#hints + 1] = ranks[at] or nil
end
look_at(hints)
for at = REST, #ARGV, 2 do
  answer[#answer + 1] = is_list and find(ARGV[at], ARGV[at + 1], ranks[at]) or {}
end
return answer
