-- How many items some seconds have.
--
-- ARGV from        the first second, or -inf; after a `(`, the one before the first
-- ARGV count       how many seconds are looked at
-- Reply: {how many items, the last second; empty if there is none behind it}.
-- include: _delayed

local epochs, size = call('ZRANGEBYSCORE', schedule, from, '+inf', 'LIMIT', 0, count), 0
for _, epoch in ipairs(epochs) do
  size = size + count_items(epoch)
end
return {size, #epochs == tonumber(count) and epochs[#epochs] or ''}
