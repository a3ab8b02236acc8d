-- How long jobs waited and took: one hash for each queue, as long as the queue is known.
--
-- KEYS queues      Ruby's set of known queue names
-- KEYS timings_    prefix of our hashes: MEASURE:BUCKET -> count, MEASURE:sum -> microseconds; of `wait` and `duration`
-- BOUNDS bounds    of the buckets, in milliseconds

-- And what is above and in it.
local function bucket_of(microseconds)
  local above = -1
  for _, bound in ipairs(bounds) do
    if microseconds <= bound * 1000 then
      return short_digits(bound), above, bound * 1000
    end
    above = bound * 1000
  end
  return 'inf', above, math.huge
end

local function add_time(queue, measure, microseconds)
  call('HINCRBY', timings_ .. queue, measure .. ':' .. bucket_of(microseconds), '1')
  call('HINCRBY', timings_ .. queue, measure .. ':sum', digits(microseconds))
end

-- Since when a record says that its job runs, and how often that was rescued: its end is enough, and what the payload
-- says comes before it.
local function read_times(record)
  local at, rescued = record:sub(-400):match('^.*,"at":(%d+),"rescues":(%d+)')
  return tonumber(at), rescued
end

-- Count a job of this queue that ran since then, and had waited since then, if anybody noted that.
local function count_times(queue, at, since, now)
  if not at or call('SISMEMBER', queues, queue) == 0 then
    return
  end
  add_time(queue, 'duration', math.max(0, now - at))
  -- Of a job that another program enqueued, its reservation is all that we know.
  if since and since < at then
    add_time(queue, 'wait', at - since)
  end
end
