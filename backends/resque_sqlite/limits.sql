-- Slots of limits: `limit_key` of a job that runs is the slot that it has, of a delayed one what it waits for.

-- name: taken
-- How many slots others have.
SELECT COUNT(*) FROM jobs
WHERE namespace = :namespace AND limit_key = :key AND state = 'running'
    AND NOT (worker = :worker AND token = :token)

-- name: take
UPDATE jobs SET limit_key = :key
WHERE namespace = :namespace AND worker = :worker AND token = :token AND state = 'running'

-- name: wait
UPDATE jobs
SET state = 'delayed', run_at = (SELECT now FROM clock) + :seconds, limit_key = :key,
    worker = NULL, token = NULL, reserved_at = NULL
WHERE namespace = :namespace AND worker = :worker AND token = :token AND state = 'running'

-- name: wake
-- With the age that it had on its queue.
UPDATE jobs
SET state = 'queued', run_at = NULL, limit_key = NULL,
    place = -1 + COALESCE((
        SELECT MIN(head.place) FROM jobs AS head
        WHERE head.namespace = jobs.namespace AND head.queue = jobs.queue AND head.state = 'queued'
    ), 0)
WHERE number = (
    SELECT number FROM jobs
    WHERE namespace = :namespace AND limit_key = :key AND state = 'delayed'
    ORDER BY run_at, number LIMIT 1
)
RETURNING queue
