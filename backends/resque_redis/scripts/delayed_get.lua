-- A delayed job, by its id.
--
-- ARGV id          of the job
-- Reply: {second, id, queue, payload, microseconds since 1970}, or {}.
-- include: _delayed

local epoch, item = find_item(id)
if not item then
  return {}
end
local queue, payload, at = read_item(item, epoch)
return {epoch, id, queue or '', payload or item, digits(at or epoch * 1000000)}
