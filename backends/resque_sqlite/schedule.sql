-- Jobs that wait for their time.

-- name: now
SELECT now FROM clock

-- name: delay
INSERT INTO jobs (namespace, id, queue, payload, state, place, enqueued_at, run_at)
VALUES (:namespace, :id, :queue, :payload, 'delayed', 0, (SELECT now FROM clock), :run_at)
ON CONFLICT (namespace, id) DO NOTHING

-- name: due
SELECT id FROM jobs
WHERE namespace = :namespace AND state = 'delayed' AND run_at <= (SELECT now FROM clock)
ORDER BY run_at, number LIMIT :limit

-- name: next
SELECT MIN(run_at) - (SELECT now FROM clock) FROM jobs WHERE namespace = :namespace AND state = 'delayed'

-- name: promote
-- To the tail of its queue. Its age there begins now.
UPDATE jobs
SET state = 'queued', run_at = NULL, retrying = NULL, enqueued_at = (SELECT now FROM clock),
    place = 1 + COALESCE((
        SELECT MAX(tail.place) FROM jobs AS tail
        WHERE tail.namespace = jobs.namespace AND tail.queue = jobs.queue AND tail.state = 'queued'
    ), 0)
WHERE namespace = :namespace AND id = :id AND state = 'delayed'
RETURNING queue

-- name: size
-- As triggers have kept it: see 013_tallies.sql.
SELECT COALESCE(SUM(delayed), 0) FROM tallies WHERE namespace = :namespace

-- name: overdue
SELECT COUNT(*) FROM jobs
WHERE namespace = :namespace AND state = 'delayed' AND run_at <= (SELECT now FROM clock)

-- name: retrying
SELECT COALESCE(SUM(retrying), 0) FROM tallies WHERE namespace = :namespace

-- name: peek
SELECT id, queue, payload, run_at FROM jobs
WHERE namespace = :namespace AND state = 'delayed'
ORDER BY run_at, number LIMIT :count OFFSET :start

-- name: get
SELECT id, queue, payload, run_at FROM jobs WHERE namespace = :namespace AND id = :id AND state = 'delayed'

-- name: window
SELECT run_at, number, id, queue, payload FROM jobs
WHERE namespace = :namespace AND state = 'delayed' AND (run_at, number) > (:run_at, :number)
ORDER BY run_at, number LIMIT :count

-- name: remove
DELETE FROM jobs WHERE namespace = :namespace AND id = :id AND state = 'delayed'

-- name: clear
DELETE FROM jobs
WHERE number IN (
    SELECT number FROM jobs
    WHERE namespace = :namespace AND state = 'delayed' AND +number <= :last
    ORDER BY run_at LIMIT :most
)
