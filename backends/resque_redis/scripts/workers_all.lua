-- Every registered worker.
--
-- KEYS workers     Ruby's set of worker ids
-- KEYS worker_     prefix of Ruby's in-flight records, and of WORKER:started
-- KEYS heartbeats  Ruby's hash: worker id -> ISO time
-- KEYS stat_       prefix of Ruby's counters of one worker: processed:WORKER, failed:WORKER
-- KEYS leases      zset: id of a worker of ours -> end of its lease, in microseconds
-- KEYS members     hash: id of a worker of ours -> its description in JSON
-- KEYS beats       hash: id of a worker of ours -> its last heartbeat, in microseconds
-- Reply: {time in microseconds, {id, description, end of the lease, beat, record, started, heartbeat,
--        processed, failed}, ...}. What is not there is nil.
-- include: _clock

local answer = {digits(read_clock())}
for _, worker in ipairs(call('SMEMBERS', workers)) do
  answer[#answer + 1] = {
    worker,
    call('HGET', members, worker),
    call('ZSCORE', leases, worker),
    call('HGET', beats, worker),
    call('GET', worker_ .. worker),
    call('GET', worker_ .. worker .. ':started'),
    call('HGET', heartbeats, worker),
    call('GET', stat_ .. 'processed:' .. worker),
    call('GET', stat_ .. 'failed:' .. worker),
  }
end
return answer
