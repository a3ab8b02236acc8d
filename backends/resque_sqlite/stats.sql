-- Counters and their history. Minutes are kept for 8 days, days for 400.

-- name: increment
INSERT INTO stats (namespace, grain, start, name, value)
VALUES
    (:namespace, 'day', CAST((SELECT now FROM clock) / 86400 AS INTEGER) * 86400, :name, :by),
    (:namespace, 'minute', CAST((SELECT now FROM clock) / 60 AS INTEGER) * 60, :name, :by),
    (:namespace, 'total', 0, :name, :by)
ON CONFLICT (namespace, grain, start, name) DO UPDATE SET value = value + excluded.value

-- name: all
SELECT name, value FROM stats WHERE namespace = :namespace AND grain = 'total'

-- name: clear
DELETE FROM stats WHERE namespace = :namespace AND grain = 'total' AND start = 0 AND name = :name

-- name: history
-- One row at least: the clock's, so that the caller knows where the last bucket ends.
SELECT clock.now, stats.start, stats.value
FROM clock
LEFT JOIN stats
    ON stats.namespace = :namespace AND stats.grain = :grain AND stats.name = :name
    AND stats.start > clock.now - (:count * :seconds)

-- name: trim
DELETE FROM stats
WHERE namespace = :namespace
    AND (
        (grain = 'minute' AND start < (SELECT now FROM clock) - 8 * 86400)
        OR (grain = 'day' AND start < (SELECT now FROM clock) - 400 * 86400)
    )
