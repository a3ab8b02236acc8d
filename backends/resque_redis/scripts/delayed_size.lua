-- How many items some seconds have.
--
-- ARGV from        the first second, or -inf; after a `(`, the one before the first
-- ARGV over        1: only of seconds that are over
-- ARGV count       how many seconds are looked at
-- Reply: {how many items, the last second; empty if there is none behind it}.
-- include: _clock
-- include: _delayed

local last = over == '1' and '(' .. digits(math.floor(read_clock() / 1000000)) or '+inf'
local epochs, size = call('ZRANGEBYSCORE', schedule, from, last, 'LIMIT', 0, count), 0
for _, epoch in ipairs(epochs) do
  size = size + count_items(epoch)
end
return {size, #epochs == tonumber(count) and epochs[#epochs] or ''}
