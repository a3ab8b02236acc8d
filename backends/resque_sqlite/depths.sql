-- How many jobs waited on the queues, minute by minute.

-- name: now
-- And whether this minute has been noted.
SELECT
    now,
    EXISTS (
        SELECT 1 FROM depths WHERE namespace = :namespace AND start = CAST(now / 60 AS INTEGER) * 60
    )
FROM clock

-- name: note
INSERT INTO depths (namespace, start, total, queues) VALUES (:namespace, :start, :total, :queues)
ON CONFLICT (namespace, start) DO NOTHING

-- name: trim
DELETE FROM depths WHERE namespace = :namespace AND start <= :start - :kept * 60

-- name: last
SELECT start, total, queues
FROM depths, clock
WHERE namespace = :namespace AND start > now - :count * 60 AND start <= now
ORDER BY start
