-- When the jobs of a bundle ran, as its worker says: their spells.
--
-- A list in JSON: of each job, the head first, when it began and when it ended, in microseconds since the reservation; or
-- twice `false`, if it is not done.
--
-- KEYS rescues     see _ids.lua
-- include: _clock
-- include: _claims
-- include: _counters
-- include: _timings

-- Which of `size` jobs are done, by place; nothing, if all are.
local function done_of(spells, times, size)
  if #times == 2 * size and not spells:find('false', 1, true) then
    return nil
  end
  local done = {}
  for place = 1, size do
    done[place] = times[2 * place]
  end
  return done
end

-- What jobs had that are done.
local function end_all(bundle, times)
  if call('EXISTS', claims_ .. 'jobs', rescues) == 0 then
    return
  end
  for place, id in ipairs(bundle.ids) do
    if times[2 * place] then
      end_claim(id, 'ended')
      call('HDEL', rescues, id)
    end
  end
end

-- How often something took how long. Most take about as long as the one before.
local function new_sums()
  return {sum = 0, counts = {}, bucket = nil, above = 0, upto = -1}
end

local function add_to_sums(sums, microseconds)
  microseconds = microseconds > 0 and microseconds or 0
  if microseconds <= sums.above or microseconds > sums.upto then
    sums.bucket, sums.above, sums.upto = bucket_of(microseconds)
  end
  sums.counts[sums.bucket] = (sums.counts[sums.bucket] or 0) + 1
  sums.sum = sums.sum + microseconds
end

local function count_sums(queue, measure, sums)
  for bucket, by in pairs(sums.counts) do
    call('HINCRBY', timings_ .. queue, measure .. ':' .. bucket, short_digits(by))
    sums.any = true
  end
  if sums.any then
    call('HINCRBY', timings_ .. queue, measure .. ':sum', digits(sums.sum))
  end
end

-- Count those that are done; each had waited since then.
local function count_done(worker, bundle, at, now, times, since)
  local total, waits, durations = 0, new_sums(), new_sums()
  for place = 1, #bundle.ids do
    local began, ended, waited_since = times[2 * place - 1], times[2 * place], since[place]
    if ended then
      total = total + 1
      add_to_sums(durations, ended - began)
      -- Of a job that another program enqueued, its reservation is all that we know.
      if at and waited_since and waited_since < at then
        add_to_sums(waits, at + began - waited_since)
      end
    end
  end
  if total > 0 then
    count('processed', now, worker, short_digits(total))
    if at and call('SISMEMBER', queues, bundle.queue) == 1 then
      count_sums(bundle.queue, 'duration', durations)
      count_sums(bundle.queue, 'wait', waits)
    end
  end
end
