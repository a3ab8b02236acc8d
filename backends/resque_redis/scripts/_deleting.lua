-- Noting that a waiting job was deleted, or taken by a program that notes nothing.
--
-- KEYS ids         see _ids.lua
-- KEYS rescues     see _ids.lua
-- include: _ids

local function note_deleted(id, queue)
  local _, was_noted = note_taken(id, queue)
  if was_noted then
    call('HDEL', ids, id)
  end
  end_claim(id, 'deleted')
  call('HDEL', rescues, id)
end
