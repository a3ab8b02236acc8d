-- Find a failure by the id that is written in it. Near its place in the order only: the rest is not read here.
--
-- KEYS failures    zset: failure id -> a number that grows
-- ARGV failure     its id
-- ARGV written     how it is written: `"failure_id":"..."`
-- Reply: {index, element}; {} if there is none; {n} if one of the n elements may be it.
-- include: _places

local function is_it(element)
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

if call('TYPE', failed).ok ~= 'list' then
  return {}
end
local size = call('LLEN', failed)
local rank = call('ZRANK', failures, failure)
if not rank then
  -- As many in the order as in the list: there is nobody else's failure, whose id the order does not know.
  return call('ZCARD', failures) == size and {} or {size}
end
local index, element = find_failure(rank, is_it)
return index and {index, element} or {size}
