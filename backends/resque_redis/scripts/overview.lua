-- Everything at a glance, of one moment.
--
-- KEYS failed          Ruby's list of failures
-- KEYS failed_queues   Ruby's set of the names of the lists of single queues
-- KEYS failed_         prefix of these lists
-- KEYS schedule        Ruby's zset of the seconds that have delayed items
-- KEYS delayed_        prefix of Ruby's lists of the items of one second
-- KEYS retrying        set of the ids that are delayed until another attempt
-- ARGV seconds         so many of the seconds are counted item by item; each of the others has one at least
-- Reply: {queues, 1 if every queue is paused, workers, counters, how many failures there are, how many delayed
--        jobs at least, 1 if there may be more, how many of them are retried}; see `_listing.lua`.
-- include: _listing

local function length(list)
  return tonumber(call('LLEN', list))
end

local kept = length(failed)
for _, list in ipairs(call('SMEMBERS', failed_queues)) do
  kept = kept + length(failed_ .. list)
end
local epochs = call('ZRANGE', schedule, 0, seconds - 1)
local left = call('ZCARD', schedule) - #epochs
local waiting = left
for _, epoch in ipairs(epochs) do
  waiting = waiting + length(delayed_ .. epoch)
end
return {
  list_queues(), all_paused(), list_workers(), list_counters(), kept, waiting, left > 0 and 1 or 0, call('SCARD', retrying),
}
