-- Forgetting a worker.
--
-- KEYS workers     Ruby's set of worker ids
-- KEYS worker_     prefix of Ruby's WORKER:started
-- KEYS heartbeats  Ruby's hash: worker id -> ISO time
-- KEYS stat_       prefix of Ruby's counters of one worker: processed:WORKER, failed:WORKER
-- KEYS leases      zset: id of a worker of ours -> end of its lease, in microseconds
-- KEYS members     hash: id of a worker of ours -> its description in JSON
-- KEYS beats       hash: id of a worker of ours -> its last heartbeat, in microseconds
-- KEYS settled     hash: id of a worker of ours -> the token that it settled last
-- KEYS commands_   prefix of lists of verbs for one worker
-- include: _clock
-- include: _orphans

local function forget_worker(worker, now)
  -- What it had without a record is nobody's now.
  give_back(worker, now)
  call('SREM', workers, worker)
  call('DEL', worker_ .. worker .. ':started', commands_ .. worker,
    stat_ .. 'processed:' .. worker, stat_ .. 'failed:' .. worker)
  redis.pcall('HDEL', heartbeats, worker)
  call('HDEL', members, worker)
  call('HDEL', beats, worker)
  call('HDEL', settled, worker)
  call('ZREM', leases, worker)
end
