-- How many elements each key has that there is one of; those of single queues, jobs and workers are left out.
--
-- KEYS queues      Ruby's set of known queue names
-- KEYS workers     Ruby's set of worker ids
-- KEYS heartbeats  Ruby's hash of their beats
-- KEYS failed      Ruby's list of failures
-- KEYS failed_queues   Ruby's set of the lists of single queues' failures
-- KEYS schedule    resque-scheduler's zset of the seconds at which jobs are due
-- KEYS leases      zset: worker -> the end of its lease
-- KEYS ids         hash: what is noted of the ids that wait or run
-- KEYS aliases     hash: ids of elements whose text does not say them
-- KEYS bundles     hash: worker -> what came along with its job
-- KEYS rescues     hash: id -> how often its job was taken back
-- KEYS failures    hash: id -> what is noted of a failure
-- KEYS delayed     zset: id -> its second
-- KEYS retrying    set of the ids that wait for another attempt
-- KEYS batches     batches of which jobs are left
-- KEYS begun       all batches
-- KEYS ended       those that have ended
-- KEYS recurring   hash: name -> recurring entry
-- KEYS pools       managers of pools
-- KEYS stats       hash of counters
-- KEYS depths      list of what waited, minute by minute
-- Reply: {key, how many, key, how many, ...}.

local SIZES = {list = 'LLEN', set = 'SCARD', zset = 'ZCARD', hash = 'HLEN'}
local found = {}
for _, key in ipairs(KEYS) do
  local size = SIZES[redis.call('TYPE', key).ok]
  if size then
    found[#found + 1] = key
    found[#found + 1] = redis.call(size, key)
  end
end
return found
