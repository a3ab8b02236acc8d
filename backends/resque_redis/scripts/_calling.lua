-- Commands on keys that another program may have written: part of every script.

-- As redis.call, on a key that may hold anything.
local function call(command, key, ...)
  local said = redis.pcall(command, key, ...)
  if type(said) == 'table' and said.err then
    -- include: _overcoming
    return overcome(said.err, command, key, ...)
  end
  return said
end
