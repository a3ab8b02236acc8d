-- Batches of jobs.

-- name: begin
INSERT INTO batches (namespace, id, total, callback, queue, payload, lasts, begun)
VALUES (
    :namespace, :batch, :total, :callback, :queue, :payload, :lasts,
    1 + COALESCE((SELECT MAX(begun) FROM batches WHERE namespace = :namespace), 0)
)
ON CONFLICT (namespace, id) DO NOTHING

-- name: add
INSERT INTO batch_jobs (namespace, batch, job) VALUES (:namespace, :batch, :job)
ON CONFLICT (namespace, batch, job) DO NOTHING

-- name: leave
DELETE FROM batch_jobs WHERE namespace = :namespace AND batch = :batch AND job = :job

-- name: count_failed
UPDATE batches SET failed = failed + 1 WHERE namespace = :namespace AND id = :batch

-- name: end
-- Once, and only when none of its jobs is left.
UPDATE batches SET kept_until = (SELECT now FROM clock) + :seconds
WHERE namespace = :namespace AND id = :batch AND kept_until IS NULL
    AND NOT EXISTS (SELECT 1 FROM batch_jobs WHERE namespace = :namespace AND batch = :batch)
RETURNING callback, queue, payload, lasts, (SELECT now FROM clock)

-- name: read
SELECT
    total, (SELECT COUNT(*) FROM batch_jobs WHERE namespace = :namespace AND batch = :batch), failed,
    COALESCE(callback, '')
FROM batches
WHERE namespace = :namespace AND id = :batch
    AND (kept_until IS NULL OR kept_until > (SELECT now FROM clock))

-- name: count
SELECT COUNT(*) FROM batches
WHERE namespace = :namespace AND (kept_until IS NULL OR kept_until > (SELECT now FROM clock))

-- name: all
SELECT
    id, total, (SELECT COUNT(*) FROM batch_jobs WHERE namespace = :namespace AND batch = id), failed,
    COALESCE(callback, '')
FROM batches
WHERE namespace = :namespace AND (kept_until IS NULL OR kept_until > (SELECT now FROM clock))
ORDER BY begun DESC, id DESC LIMIT :count OFFSET :start

-- name: window
-- Some of the jobs that batches wait for, and whether they wait, are delayed, or run.
SELECT
    batch, job,
    EXISTS (SELECT 1 FROM jobs WHERE jobs.namespace = batch_jobs.namespace AND jobs.id = batch_jobs.job)
FROM batch_jobs
WHERE namespace = :namespace AND (batch, job) > (:batch, :job)
ORDER BY batch, job LIMIT :limit

-- name: forget_expired
DELETE FROM batches WHERE namespace = :namespace AND kept_until <= (SELECT now FROM clock)
