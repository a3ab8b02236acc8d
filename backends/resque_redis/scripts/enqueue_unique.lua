-- As enqueue.lua, without the entries whose claim another job holds.
--
-- ARGV at_front    1 or 0
-- ARGV run_at      see _storing.lua
-- ARGV ...         id, queue, payload, key of the claim or nothing, END, milliseconds; id, ...
-- Reply: {id, which job holds its claim, id, which job, ...}.
-- include: _clock
-- include: _ids
-- include: _storing
-- include: _holders

local now, windows, parts, taken, claims, refused = read_clock(), {}, {}, {}, {}, {}

for place = REST, #ARGV, 6 do
  local id, key, ending = ARGV[place], ARGV[place + 3], ARGV[place + 4]
  local holder = key ~= '' and other_holder(id, key, taken, windows)
  if holder then
    refused[#refused + 1] = id
    refused[#refused + 1] = holder
  else
    for part = place, place + 2 do
      parts[#parts + 1] = ARGV[part]
    end
    if key ~= '' and not is_live(id, windows) and not taken[key] then
      taken[key] = id
      claims[#claims + 1] = {id, key, ending, ARGV[place + 5]}
    end
  end
end
local stored = store(parts, 1, at_front == '1', now, windows, due_at(run_at, now))
if type(stored) == 'table' then
  return stored
end
for _, claim in ipairs(claims) do
  hold_claim(unpack(claim))
end
return refused
