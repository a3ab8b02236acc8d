-- The failed store. `{filter}` stands for those of the `only_…` blocks that a FailureFilter asks for.

-- name: store
INSERT INTO failures (
    namespace, id, job_id, queue, name, payload, exception, kind, error, backtrace, worker, host, failed_at,
    retried_at
)
VALUES (
    :namespace, :id, :job_id, :queue, :name, :payload, :exception, :kind, :error, :backtrace, :worker, :host,
    :failed_at, :retried_at
)

-- name: oldest
SELECT number, failed_at < (SELECT now FROM clock) - :age FROM failures
WHERE namespace = :namespace ORDER BY number LIMIT :limit

-- name: remove_oldest
DELETE FROM failures WHERE namespace = :namespace AND number <= :number

-- name: peek
SELECT
    id, job_id, queue, name, payload, exception, error, backtrace, worker, failed_at, retried_at
FROM failures
WHERE namespace = :namespace {filter}
ORDER BY number DESC LIMIT :count OFFSET :start

-- name: count
SELECT COUNT(*) FROM failures WHERE namespace = :namespace {filter}

-- name: newest_beyond
SELECT number FROM failures WHERE namespace = :namespace ORDER BY number DESC LIMIT 1 OFFSET :most

-- name: clear
DELETE FROM failures
WHERE number IN (
    SELECT number FROM failures
    WHERE namespace = :namespace AND +number <= :last {filter}
    ORDER BY number LIMIT :most
)

-- name: only_exception
AND kind = :kind AND exception = :exception

-- name: only_kind
AND kind = :kind

-- name: only_name
AND name = :name

-- name: only_queue
AND queue = :queue

-- name: only_worker
AND host = :host AND (worker = :worker OR :worker = :host)

-- name: only_since
AND failed_at >= :since

-- name: only_until
AND failed_at <= :until

-- name: only_retried
AND retried_at IS NOT NULL

-- name: only_unretried
AND retried_at IS NULL

-- name: get
SELECT
    id, job_id, queue, name, payload, exception, error, backtrace, worker, failed_at, retried_at
FROM failures
WHERE namespace = :namespace AND id = :id

-- name: job
SELECT job_id FROM failures WHERE namespace = :namespace AND id = :id

-- name: requeue
INSERT INTO jobs (namespace, id, queue, payload, state, place, enqueued_at)
SELECT
    namespace, job_id, COALESCE(:queue, queue), payload, 'queued',
    1 + COALESCE((
        SELECT MAX(place) FROM jobs
        WHERE jobs.namespace = :namespace AND jobs.queue = COALESCE(:queue, failures.queue)
            AND state = 'queued'
    ), 0),
    (SELECT now FROM clock)
FROM failures
WHERE namespace = :namespace AND id = :id AND (retried_at IS NULL OR :again)
ON CONFLICT (namespace, id) DO NOTHING
RETURNING id, queue

-- name: mark
UPDATE failures SET retried_at = (SELECT now FROM clock) WHERE namespace = :namespace AND id = :id

-- name: remove
DELETE FROM failures WHERE namespace = :namespace AND id = :id
