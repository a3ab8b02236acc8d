-- Delete the delayed jobs of the earliest seconds.
--
-- ARGV count       how many seconds, and how many items of each, at most
-- Reply: {how many jobs, 1 if there may be more}.
-- include: _delayed

local deleted, more = 0, 0
for place, epoch in ipairs(call('ZRANGE', schedule, 0, count - 1)) do
  local items = read_items(epoch, 0, count - 1)
  for _, item in ipairs(items) do
    local id = id_of_item(epoch, item)
    forget_item(id, epoch, item)
    end_claim(id, DELETED)
    call('HDEL', rescues, id)
  end
  if #items > 0 then
    call('LTRIM', delayed_ .. epoch, count, -1)
    forget_empty(epoch)
  else
    call('ZREM', schedule, epoch)
  end
  deleted = deleted + #items
  if place == tonumber(count) or #items == tonumber(count) then
    more = 1
  end
end
return {deleted, more}
