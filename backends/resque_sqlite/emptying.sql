-- The number that is the highest now, whatever the namespace. What comes later has a higher one, unless the
-- row that has it goes meanwhile: then what comes next may be deleted, too.

-- name: jobs
SELECT COALESCE(MAX(number), 0) FROM jobs

-- name: failures
SELECT COALESCE(MAX(number), 0) FROM failures
