-- Write a recurring entry in place of the one that was seen.
--
-- ARGV entry       its name
-- ARGV seen        its revision; empty: there is none of that name
-- ARGV record      see _recurring.lua
-- ARGV tick        the next one, in microseconds, or an empty text
-- Reply: 1, or 0 if there is another one by now.
-- include: _recurring

local there = revision_of(call('HGET', recurring, entry))
if there ~= seen then
  return there == revision_of(record) and 1 or 0
end
write_entry(entry, record, tick)
return 1
