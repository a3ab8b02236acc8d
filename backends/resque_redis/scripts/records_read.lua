-- Where a job is, and its note.
--
-- ARGV id          its id
-- Reply: {place, {about, latest, end} or {}, ...}: then when it is due, in microseconds; or its worker, that one's record
--        and what came along with that.
-- KEYS bundles     see _bundles.lua
-- include: _sequel
-- include: _delayed
-- include: _liveness

local note = call('HMGET', records_ .. id, 'about', 'latest', 'end')
if not (note[1] or note[2] or note[3]) then
  note = {}
else
  note = {note[1] or '', note[2] or '', note[3] or ''}
end
local mark = call('HGET', ids, id)
if mark and is_live(id, {}) then
  local _, _, worker = read_mark(mark)
  if mark:sub(1, 1) == 'r' then
    return {'running', note, worker, call('GET', worker_ .. worker), call('HGET', bundles, worker)}
  end
  return {'waiting', note}
end
local epoch, item = find_item(id)
if item then
  local _, _, at = read_item(item, tonumber(epoch))
  return {'delayed', note, digits(at or epoch * 1000000)}
end
return {'gone', note}
