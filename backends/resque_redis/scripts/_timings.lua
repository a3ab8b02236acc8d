-- How long jobs waited and took: one hash for each queue, as long as the queue is known.
--
-- KEYS queues      Ruby's set of known queue names
-- KEYS timings_    prefix of our hashes: MEASURE:BUCKET -> count, MEASURE:sum -> microseconds; of `wait` and `duration`
-- BOUNDS bounds    of the buckets, in milliseconds

local function bucket_of(microseconds)
  for _, bound in ipairs(bounds) do
    if microseconds <= bound * 1000 then
      return digits(bound)
    end
  end
  return 'inf'
end

local function add_time(key, measure, microseconds)
  call('HINCRBY', key, measure .. ':' .. bucket_of(microseconds), 1)
  call('HINCRBY', key, measure .. ':sum', digits(microseconds))
end

-- Count a job of this queue that a record held, and that had waited since then, if anybody noted that.
local function count_times(queue, record, since, now)
  -- The end of the record is enough, and what the payload says comes before it.
  local at = tonumber(record:sub(-400):match('^.*,"at":(%d+),"rescues":'))
  if not at or call('SISMEMBER', queues, queue) == 0 then
    return
  end
  local key = timings_ .. queue
  add_time(key, 'duration', math.max(0, now - at))
  -- Of a job that another program enqueued, its reservation is all that we know.
  if since and since < at then
    add_time(key, 'wait', at - since)
  end
end
