-- JSON that is spliced, never written again: cjson would change numbers, slashes and empty lists.

-- A JSON text of these bytes, as Ruby writes it; cjson would escape slashes.
local ESCAPES = {['"'] = '\\"', ['\\'] = '\\\\', ['\b'] = '\\b', ['\f'] = '\\f', ['\n'] = '\\n', ['\r'] = '\\r', ['\t'] = '\\t'}
local function quoted(text)
  return '"' .. text:gsub('[%z\1-\31"\\]', function(letter)
    return ESCAPES[letter] or string.format('\\u%04x', letter:byte())
  end) .. '"'
end

-- The table of a JSON object; nothing if the bytes are not exactly one.
local function object_of(text)
  local decoded, body = pcall(cjson.decode, text)
  if decoded and type(body) == 'table' and text:sub(1, 1) == '{' and text:sub(-1) == '}' then
    return body
  end
end
