-- What there is, as lists show it.
--
-- KEYS queues      Ruby's set of known queue names
-- KEYS queue_      prefix of Ruby's lists of waiting payloads
-- KEYS pauses      set of paused queues
-- KEYS pause_all   Ruby's text: `true` pauses every queue
-- KEYS workers     Ruby's set of worker ids
-- KEYS worker_     prefix of Ruby's in-flight records, and of WORKER:started
-- KEYS heartbeats  Ruby's hash: worker id -> ISO time
-- KEYS leases      zset: id of a worker of ours -> end of its lease, in microseconds
-- KEYS members     hash: id of a worker of ours -> its description in JSON
-- KEYS beats       hash: id of a worker of ours -> its last heartbeat, in microseconds
-- KEYS bundles     see _bundles.lua
-- KEYS stats       set: names of the counters that were ever incremented here
-- KEYS stat_       prefix of Ruby's counters, those of one worker among them: processed:WORKER, failed:WORKER
-- include: _clock
-- include: _orphans

-- {{name, size, paused (1 or 0)}, ...}.
local function list_queues()
  local answer = {}
  for place, queue in ipairs(call('SMEMBERS', queues)) do
    local size = redis.pcall('LLEN', queue_ .. queue)
    answer[place] = {queue, type(size) == 'number' and size or 0, call('SISMEMBER', pauses, queue)}
  end
  return answer
end

-- Whether a pause of every queue is there: 1 or 0.
local function all_paused()
  return (call('GET', pause_all) or ''):lower():match('^%s*(.-)%s*$') == 'true' and 1 or 0
end

-- {time in microseconds, {id, description, end of the lease, beat, record, started, heartbeat, processed, failed,
-- what came along}, ...}. What is not there is nil.
local function list_workers()
  local answer = {digits(read_clock())}
  for _, worker in ipairs(call('SMEMBERS', workers)) do
    local record = call('GET', worker_ .. worker)
    answer[#answer + 1] = {
      worker,
      call('HGET', members, worker),
      call('ZSCORE', leases, worker),
      call('HGET', beats, worker),
      record,
      call('GET', worker_ .. worker .. ':started'),
      call('HGET', heartbeats, worker),
      call('GET', stat_ .. 'processed:' .. worker),
      call('GET', stat_ .. 'failed:' .. worker),
      not is_orphan(record) and call('HGET', bundles, worker),
    }
  end
  return answer
end

-- {name, value, name, value, ...}: Ruby's two counters, the retries, and those that were incremented here.
local function list_counters()
  local answer = {}
  local function add(counter)
    local value = redis.pcall('GET', stat_ .. counter)
    if type(value) == 'string' then
      answer[#answer + 1] = counter
      answer[#answer + 1] = value
    end
  end
  add('processed')
  add('failed')
  add('retried')
  -- Not all at once: unpack() is for some 8000 values.
  for _, counter in ipairs(call('SMEMBERS', stats)) do
    add(counter)
  end
  return answer
end
