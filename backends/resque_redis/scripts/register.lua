-- Make a worker known, with a lease; if it is known, renew the lease.
--
-- KEYS workers     Ruby's set of worker ids
-- KEYS worker_     prefix of Ruby's WORKER:started
-- KEYS heartbeats  Ruby's hash: worker id -> ISO time; without one, Ruby would never prune by age
-- KEYS leases      zset: id of a worker of ours -> end of its lease, in microseconds
-- KEYS members     hash: id of a worker of ours -> its description in JSON
-- ARGV worker      its id
-- ARGV about       its description, as JSON
-- ARGV started     when it started, as Ruby writes it
-- ARGV lease       in microseconds
-- Reply: 1.
-- include: _clock

-- First, because it is allowed when memory is full: new workers are what empties it.
call('ZREM', leases, worker)
local now = read_clock()
-- Only Ruby's workers look there, hence pcall: it need not be a hash.
redis.pcall('HSETNX', heartbeats, worker, iso(now) .. '+00:00')
call('SETNX', worker_ .. worker .. ':started', started)
call('HSETNX', members, worker, about)
call('SADD', workers, worker)
call('ZADD', leases, digits(now + lease), worker)
return 1
