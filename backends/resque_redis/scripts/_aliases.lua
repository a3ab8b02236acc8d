-- The ids of equal elements that their payloads do not say. Hardly any queue has such.
--
-- KEYS aliases     see _ids.lua

-- The table of a JSON list; nothing if somebody wrote another text.
local function list_of(text)
  local decoded, list = pcall(cjson.decode, text)
  return decoded and type(list) == 'table' and list or nil
end

local function namesakes(digest)
  local known = call('HGET', aliases, digest)
  return known and list_of(known)
end

local function keep_namesakes(digest, names)
  if #names == 0 then
    call('HDEL', aliases, digest)
  else
    call('HSET', aliases, digest, cjson.encode(names))
  end
end

local function forget_alias(id, digest)
  local names = namesakes(digest) or {}
  for place, other in ipairs(names) do
    if other == id then
      table.remove(names, place)
      keep_namesakes(digest, names)
      break
    end
  end
end
