-- What is kept of jobs that ask for it.

-- name: open
INSERT INTO records (namespace, job, about, latest, ending, kept_until)
VALUES (:namespace, :job, :about, :latest, :ending, (SELECT now FROM clock) + :seconds)
ON CONFLICT (namespace, job) DO UPDATE
SET about = excluded.about, latest = excluded.latest, ending = excluded.ending, kept_until = excluded.kept_until
WHERE kept_until <= (SELECT now FROM clock)

-- name: write
-- An empty text leaves what is there.
INSERT INTO records (namespace, job, about, latest, ending, kept_until)
VALUES (:namespace, :job, :about, :latest, :ending, (SELECT now FROM clock) + :seconds)
ON CONFLICT (namespace, job) DO UPDATE
SET about = CASE WHEN excluded.about = x'' THEN about ELSE excluded.about END,
    latest = CASE WHEN excluded.latest = x'' THEN latest ELSE excluded.latest END,
    ending = CASE WHEN excluded.ending = x'' THEN ending ELSE excluded.ending END,
    kept_until = excluded.kept_until

-- name: read
SELECT about, latest, ending FROM records
WHERE namespace = :namespace AND job = :job AND kept_until > (SELECT now FROM clock)

-- name: place
-- Who holds one that came along is what is before the line feed.
SELECT state, run_at, token, CASE instr(worker, char(10)) WHEN 0 THEN worker
    ELSE substr(worker, 1, instr(worker, char(10)) - 1) END, id, queue, payload, rescues, reserved_at FROM jobs
WHERE namespace = :namespace AND id = :job

-- name: holds
SELECT 1 FROM jobs
WHERE namespace = :namespace AND worker = :worker AND token = :token AND state = 'running'

-- name: forget_expired
DELETE FROM records WHERE namespace = :namespace AND kept_until <= (SELECT now FROM clock)
