-- Waiting jobs, by queue.

-- name: know
INSERT INTO queues (namespace, name) VALUES (:namespace, :queue) ON CONFLICT DO NOTHING

-- name: names
SELECT name FROM queues WHERE namespace = :namespace ORDER BY name

-- name: all
SELECT
    name,
    (SELECT COUNT(*) FROM jobs WHERE namespace = :namespace AND queue = name AND state = 'queued'),
    EXISTS (SELECT 1 FROM pauses WHERE namespace = :namespace AND queue = name)
FROM queues
WHERE namespace = :namespace
ORDER BY name

-- name: size
SELECT COUNT(*) FROM jobs WHERE namespace = :namespace AND queue = :queue AND state = 'queued'

-- name: peek
SELECT id, queue, payload FROM jobs
WHERE namespace = :namespace AND queue = :queue AND state = 'queued'
ORDER BY place LIMIT :count OFFSET :start

-- name: pop
DELETE FROM jobs
WHERE number = (
    SELECT number FROM jobs
    WHERE namespace = :namespace AND queue = :queue AND state = 'queued'
    ORDER BY place LIMIT 1
)
RETURNING id, queue, payload

-- name: window
SELECT place, id, payload FROM jobs
WHERE namespace = :namespace AND queue = :queue AND state = 'queued' AND place > :after
ORDER BY place LIMIT :count

-- name: dequeue
-- The payload is compared again: since it was read, the id may have come back with another one.
DELETE FROM jobs
WHERE namespace = :namespace AND id = :id AND queue = :queue AND state = 'queued' AND payload = :payload

-- name: place
SELECT place FROM jobs WHERE namespace = :namespace AND id = :id AND queue = :queue AND state = 'queued'

-- name: move
-- To the tail of another queue. Its age there begins now.
UPDATE jobs
SET queue = :to, enqueued_at = (SELECT now FROM clock),
    place = 1 + COALESCE((
        SELECT MAX(tail.place) FROM jobs AS tail
        WHERE tail.namespace = jobs.namespace AND tail.queue = :to AND tail.state = 'queued'
    ), 0)
WHERE namespace = :namespace AND id = :id AND queue = :queue AND state = 'queued'

-- name: clear
DELETE FROM jobs
WHERE number IN (
    SELECT number FROM jobs
    WHERE namespace = :namespace AND queue = :queue AND state = 'queued' AND +number <= :last
    ORDER BY place LIMIT :most
)

-- name: forget
DELETE FROM queues
WHERE namespace = :namespace AND name = :queue AND NOT EXISTS (
    SELECT 1 FROM jobs WHERE namespace = :namespace AND queue = :queue AND state = 'queued'
)

-- name: pause
INSERT INTO pauses (namespace, queue) VALUES (:namespace, :queue) ON CONFLICT DO NOTHING

-- name: resume
DELETE FROM pauses WHERE namespace = :namespace AND queue = :queue

-- name: paused
SELECT queue FROM pauses WHERE namespace = :namespace

-- name: latency
SELECT MAX(0.0, (SELECT now FROM clock) - MIN(enqueued_at)) FROM jobs
WHERE namespace = :namespace AND queue = :queue AND state = 'queued'
