-- JSON that is spliced, never written again: cjson would change numbers, slashes and empty lists.

-- A JSON text of these bytes, as Ruby writes it; cjson would escape slashes.
local function quoted(text)
  if text:find('[%c"\\]') then
    local escapes = {['"'] = '\\"', ['\\'] = '\\\\', ['\b'] = '\\b', ['\f'] = '\\f', ['\n'] = '\\n', ['\r'] = '\\r', ['\t'] = '\\t'}
    text = text:gsub('[%z\1-\31"\\]', function(letter)
      return escapes[letter] or string.format('\\u%04x', letter:byte())
    end)
  end
  return '"' .. text .. '"'
end

-- The table of a JSON object or list; nothing for another text. Of the same text again it is the same table.
local last_text, last_table = nil, nil
local function decoded(text)
  if text ~= last_text then
    local fine, found = pcall(cjson.decode, text)
    last_text, last_table = text, fine and type(found) == 'table' and found or nil
  end
  return last_table
end

-- The table of a JSON object; nothing if the bytes are not exactly one.
local function object_of(text)
  return text:sub(1, 1) == '{' and text:sub(-1) == '}' and decoded(text) or nil
end
