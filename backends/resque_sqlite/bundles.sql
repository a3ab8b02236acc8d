-- Jobs that came along with the one that a worker holds: see schema/017_bundles.sql.

-- name: take
-- What waits behind a job that was just taken, up to the first that must come alone.
WITH next AS (
    SELECT
        number, place,
        rescues > 0 OR EXISTS (
            SELECT 1 FROM claims WHERE namespace = jobs.namespace AND job = jobs.id AND until = 'start'
        ) AS alone
    FROM jobs
    WHERE namespace = :namespace AND queue = :queue AND state = 'queued'
    ORDER BY place LIMIT :more
)
UPDATE jobs
SET state = 'running', worker = :worker || char(10) || number, token = :token,
    reserved_at = (
        SELECT head.reserved_at FROM jobs AS head
        WHERE head.namespace = :namespace AND head.worker = :worker AND head.state = 'running'
    )
WHERE number IN (
    SELECT number FROM next WHERE place < COALESCE((SELECT MIN(place) FROM next WHERE alone), 9e18)
)
RETURNING place, id, queue, payload

-- name: of
SELECT place, id, queue, payload FROM jobs
WHERE namespace = :namespace AND worker > :worker || char(10) AND worker < :worker || char(11)
    AND state = 'running' AND token = :token

-- name: finish
-- How long it had waited when it was reserved.
DELETE FROM jobs
WHERE namespace = :namespace AND id = :id AND token = :token
    AND worker > :worker || char(10) AND worker < :worker || char(11) AND state = 'running'
RETURNING reserved_at - enqueued_at

-- name: put_back
-- Before all that wait.
UPDATE jobs
SET state = 'queued', worker = NULL, token = NULL, reserved_at = NULL, rescues = rescues + :rescued,
    place = -1 + COALESCE((
        SELECT MIN(head.place) FROM jobs AS head
        WHERE head.namespace = jobs.namespace AND head.queue = jobs.queue AND head.state = 'queued'
    ), 0)
WHERE namespace = :namespace AND id = :id AND state = 'running' AND token = :token

-- name: hold
-- One of a bundle is the one that is held, from now on. It began when the last one before it had ended.
UPDATE jobs SET worker = :worker, token = :new, reserved_at = MIN((SELECT now FROM clock), reserved_at + :began)
WHERE namespace = :namespace AND id = :id AND token = :token AND state = 'running'
RETURNING token, worker, id, queue, payload, rescues, reserved_at
