-- Let delayed jobs wait at the tails of their queues before their time.
--
-- ARGV ...         ids
-- Reply: how many.
-- include: _delayed

local now, moved = read_clock(), 0
for place = REST, #ARGV do
  local id = ARGV[place]
  local epoch, item = find_item(id)
  local queue, payload = nil, nil
  if item then
    queue, payload = read_item(item, epoch)
  end
  if queue and takes_elements(queue_ .. queue) then
    local _, made_up = id_of_item(epoch, item)
    take_out(id, epoch, item)
    let_wait(not made_up and id, queue, payload, now)
    moved = moved + 1
  end
end
return moved
