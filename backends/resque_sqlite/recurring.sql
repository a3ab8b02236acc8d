-- Recurring entries.

-- name: all
-- Of those that are due, whether the job of the last tick is still there.
SELECT
    name, text, revision, next_at, last_job,
    next_at <= (SELECT now FROM clock) AND EXISTS (
        SELECT 1 FROM jobs WHERE jobs.namespace = recurring.namespace AND jobs.id = recurring.last_job
    )
FROM recurring WHERE namespace = :namespace ORDER BY name

-- name: put
UPDATE recurring SET text = :text, revision = :revision, next_at = :next_at, last_job = :last_job
WHERE namespace = :namespace AND name = :name AND revision = :seen

-- name: put_new
INSERT INTO recurring (namespace, name, text, revision, next_at, last_job)
VALUES (:namespace, :name, :text, :revision, :next_at, :last_job)
ON CONFLICT (namespace, name) DO NOTHING

-- name: advance
UPDATE recurring SET text = :text, revision = :revision, next_at = :next_at, last_job = :last_job
WHERE namespace = :namespace AND name = :name AND revision = :seen AND next_at <= (SELECT now FROM clock)

-- name: is_at
SELECT 1 FROM recurring WHERE namespace = :namespace AND name = :name AND revision = :revision

-- name: remove
DELETE FROM recurring WHERE namespace = :namespace AND name = :name
