-- Delayed jobs from a place on, earliest second first.
--
-- ARGV from        the first second that is looked at, or -inf
-- ARGV skip        how many items are left out
-- ARGV count       how many are wanted at most
-- Reply: {second, id, queue, payload, microseconds since 1970, ...}; items that are no jobs have an empty queue.
-- include: _delayed

local answer, wanted, left_out = {}, tonumber(count), tonumber(skip)

local function add(epoch, item, n)
  local queue, payload, at = read_item(item, epoch)
  for _, part in ipairs({epoch, (id_of_item(epoch, item, n)), queue or '', payload or item, digits(at or epoch * 1000000)}) do
    answer[#answer + 1] = part
  end
  wanted = wanted - 1
end

-- Equal items have ids by their order, so all before the first that is wanted are counted.
local function add_from(epoch, size)
  local times = {}
  for first = 0, left_out - 1, 1000 do
    for _, item in ipairs(read_items(epoch, first, math.min(first + 999, left_out - 1))) do
      times[item] = (times[item] or 0) + 1
    end
  end
  for _, item in ipairs(read_items(epoch, left_out, math.min(size, left_out + wanted) - 1)) do
    times[item] = (times[item] or 0) + 1
    add(epoch, item, times[item])
  end
end

local start = from
while wanted > 0 do
  local epochs = call('ZRANGEBYSCORE', schedule, start, '+inf', 'LIMIT', 0, 1000)
  for _, epoch in ipairs(epochs) do
    local size = count_items(epoch)
    if left_out >= size then
      left_out = left_out - size
    elseif wanted > 0 then
      add_from(epoch, size)
      left_out = 0
    end
  end
  if #epochs < 1000 then
    break
  end
  start = '(' .. epochs[#epochs]
end
return answer
