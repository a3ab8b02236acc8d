-- The number that is the highest now, whatever the namespace: what comes later has a higher one.

-- name: jobs
SELECT COALESCE(MAX(number), 0) FROM jobs

-- name: failures
SELECT COALESCE(MAX(number), 0) FROM failures
