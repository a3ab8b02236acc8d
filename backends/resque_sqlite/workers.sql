-- Registered workers, their leases and the commands sent to them.

-- name: register
INSERT INTO workers (namespace, id, host, pid, queues, started_at, lease_until)
VALUES (
    :namespace, :worker, :host, :pid, :queues, :started_at, (SELECT now FROM clock) + :lease
)
ON CONFLICT (namespace, id) DO UPDATE SET lease_until = excluded.lease_until

-- name: now
SELECT now FROM clock

-- name: beat
UPDATE workers
SET heartbeat_at = (SELECT now FROM clock), lease_until = (SELECT now FROM clock) + :lease
WHERE namespace = :namespace AND id = :worker

-- name: take_commands
DELETE FROM commands WHERE namespace = :namespace AND worker = :worker RETURNING number, verb

-- name: command
INSERT INTO commands (namespace, worker, verb)
SELECT namespace, id, :verb FROM workers WHERE namespace = :namespace AND id = :worker

-- name: holds
SELECT 1 FROM jobs WHERE namespace = :namespace AND worker = :worker AND state = 'running'

-- name: forget
DELETE FROM workers WHERE namespace = :namespace AND id = :worker

-- name: forget_commands
DELETE FROM commands WHERE namespace = :namespace AND worker = :worker

-- name: all
SELECT
    workers.id, host, pid, queues, started_at, heartbeat_at, lease_until - (SELECT now FROM clock),
    processed, failed,
    jobs.token, jobs.worker, jobs.id, jobs.queue, jobs.payload, jobs.rescues, jobs.reserved_at
FROM workers
LEFT JOIN jobs
    ON jobs.namespace = workers.namespace AND jobs.worker = workers.id AND jobs.state = 'running'
WHERE workers.namespace = :namespace
ORDER BY workers.id

-- name: lapsed
SELECT
    workers.id,
    jobs.token, jobs.worker, jobs.id, jobs.queue, jobs.payload, jobs.rescues, jobs.reserved_at
FROM workers
LEFT JOIN jobs
    ON jobs.namespace = workers.namespace AND jobs.worker = workers.id AND jobs.state = 'running'
WHERE workers.namespace = :namespace AND lease_until <= (SELECT now FROM clock)
ORDER BY lease_until LIMIT :limit

-- name: still_lapsed
-- Whether the lease is over (or it is :forced) and the worker holds what was seen; a :token of NULL means nothing.
SELECT 1
FROM workers
LEFT JOIN jobs
    ON jobs.namespace = workers.namespace AND jobs.worker = workers.id AND jobs.state = 'running'
WHERE workers.namespace = :namespace AND workers.id = :worker
    AND (:forced OR lease_until <= (SELECT now FROM clock)) AND jobs.token IS :token
