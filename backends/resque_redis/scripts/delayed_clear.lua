-- Delete some of the delayed jobs, of the earliest seconds.
--
-- ARGV count       how many at most, and how many seconds
-- Reply: {how many jobs, 1 if there may be more}.
-- include: _delayed

local left = tonumber(count)
local epochs = call('ZRANGE', schedule, 0, count - 1)
for _, epoch in ipairs(epochs) do
  if left <= 0 then
    break
  end
  local items = read_items(epoch, 0, left - 1)
  for _, item in ipairs(items) do
    local id = id_of_item(epoch, item)
    forget_item(id, epoch, item)
    end_claim(id, 'deleted')
    call('HDEL', rescues, id)
  end
  if #items > 0 then
    call('LTRIM', delayed_ .. epoch, #items, -1)
    forget_empty(epoch)
  else
    call('ZREM', schedule, epoch)
  end
  left = left - #items
end
local deleted = tonumber(count) - left
return {deleted, (left <= 0 or #epochs == tonumber(count)) and 1 or 0}
