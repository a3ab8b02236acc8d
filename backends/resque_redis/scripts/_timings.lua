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

-- Add to several counts of a hash: {field, by, field, by, ...}. Two commands do for any number of them.
local function add_all(key, counts)
  local fields = {}
  for place = 1, #counts, 2 do
    fields[#fields + 1] = counts[place]
  end
  local known = call('HMGET', key, unpack(fields))
  for place = 1, #fields do
    counts[2 * place] = digits((tonumber(known[place]) or 0) + counts[2 * place])
  end
  call('HSET', key, unpack(counts))
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
  local ran = math.max(0, now - at)
  local counts = {'duration:' .. bucket_of(ran), 1, 'duration:sum', ran}
  -- Of a job that another program enqueued, its reservation is all that we know.
  if since and since < at then
    counts[5], counts[6], counts[7], counts[8] = 'wait:' .. bucket_of(at - since), 1, 'wait:sum', at - since
  end
  add_all(timings_ .. queue, counts)
end
