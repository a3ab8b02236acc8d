-- The transitions of a job.

-- name: enqueue
INSERT INTO jobs (namespace, id, queue, payload, state, place, enqueued_at)
VALUES (
    :namespace, :id, :queue, :payload, 'queued',
    1 + COALESCE((
        SELECT MAX(place) FROM jobs
        WHERE namespace = :namespace AND queue = :queue AND state = 'queued'
    ), 0),
    (SELECT now FROM clock)
)
ON CONFLICT (namespace, id) DO NOTHING

-- name: enqueue_at_front
INSERT INTO jobs (namespace, id, queue, payload, state, place, enqueued_at)
VALUES (
    :namespace, :id, :queue, :payload, 'queued',
    -1 + COALESCE((
        SELECT MIN(place) FROM jobs
        WHERE namespace = :namespace AND queue = :queue AND state = 'queued'
    ), 0),
    (SELECT now FROM clock)
)
ON CONFLICT (namespace, id) DO NOTHING

-- name: ready
-- Whether a job waits there and no pause keeps it.
SELECT 1 FROM jobs
WHERE namespace = :namespace AND queue = :queue AND state = 'queued'
    AND NOT EXISTS (SELECT 1 FROM pauses WHERE namespace = :namespace AND queue IN (:queue, '*'))
LIMIT 1

-- name: claim
UPDATE jobs
SET state = 'running', worker = :worker, token = :token, reserved_at = (SELECT now FROM clock), limit_key = NULL
WHERE number = (
        SELECT number FROM jobs
        WHERE namespace = :namespace AND queue = :queue AND state = 'queued'
        ORDER BY place LIMIT 1
    )
    AND EXISTS (SELECT 1 FROM workers WHERE namespace = :namespace AND id = :worker)
    AND NOT EXISTS (
        SELECT 1 FROM jobs AS held
        WHERE held.namespace = :namespace AND held.worker = :worker AND held.state = 'running'
    )
    AND NOT EXISTS (SELECT 1 FROM pauses WHERE namespace = :namespace AND queue IN (:queue, '*'))
RETURNING token, worker, id, queue, payload, rescues, reserved_at

-- name: standing
-- No row: the worker is not registered. Else what it holds, or NULLs.
SELECT
    EXISTS (SELECT 1 FROM pauses WHERE namespace = :namespace AND queue = '*'),
    jobs.token, jobs.worker, jobs.id, jobs.queue, jobs.payload, jobs.rescues, jobs.reserved_at
FROM workers
LEFT JOIN jobs
    ON jobs.namespace = workers.namespace AND jobs.worker = workers.id AND jobs.state = 'running'
WHERE workers.namespace = :namespace AND workers.id = :worker

-- name: finish
-- How long it waited and took.
DELETE FROM jobs
WHERE namespace = :namespace AND worker = :worker AND token = :token AND state = 'running'
RETURNING reserved_at - enqueued_at, (SELECT now FROM clock) - reserved_at

-- name: times
-- The same of a job that goes on.
SELECT reserved_at - enqueued_at, (SELECT now FROM clock) - reserved_at FROM jobs
WHERE namespace = :namespace AND worker = :worker AND token = :token AND state = 'running'

-- name: put_back
-- At the head of its queue, with the age that it had.
UPDATE jobs
SET state = 'queued', worker = NULL, token = NULL, reserved_at = NULL, rescues = rescues + :rescued,
    place = -1 + COALESCE((
        SELECT MIN(head.place) FROM jobs AS head
        WHERE head.namespace = jobs.namespace AND head.queue = jobs.queue AND head.state = 'queued'
    ), 0)
WHERE namespace = :namespace AND worker = :worker AND token = :token AND state = 'running'
RETURNING queue

-- name: reschedule
-- Until :run_at, or without one at the tail of the queue. Its age there begins now.
UPDATE jobs
SET state = CASE WHEN :run_at IS NULL THEN 'queued' ELSE 'delayed' END, run_at = :run_at,
    queue = :queue, payload = :payload, enqueued_at = (SELECT now FROM clock),
    worker = NULL, token = NULL, reserved_at = NULL, rescues = 0, limit_key = NULL,
    retrying = CASE WHEN :run_at IS NULL THEN NULL ELSE 1 END,
    place = 1 + COALESCE((
        SELECT MAX(tail.place) FROM jobs AS tail
        WHERE tail.namespace = jobs.namespace AND tail.queue = :queue AND tail.state = 'queued'
    ), 0)
WHERE namespace = :namespace AND worker = :worker AND token = :token AND state = 'running'

-- name: cancel
DELETE FROM jobs WHERE namespace = :namespace AND id = :id AND state <> 'running'

-- name: settled
UPDATE workers
SET settled = :token, processed = processed + :processed, failed = failed + :failed
WHERE namespace = :namespace AND id = :worker

-- name: settled_last
SELECT 1 FROM workers WHERE namespace = :namespace AND id = :worker AND settled = :token
