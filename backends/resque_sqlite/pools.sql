-- Managers of pools. What a forgotten one was told goes with it, by a trigger.

-- name: forget_lapsed
DELETE FROM pools WHERE namespace = :namespace AND lease_until <= (SELECT now FROM clock)

-- name: report
-- Numbers go on above what the pool has heard, also if it was forgotten meanwhile.
INSERT INTO pools (namespace, id, about, lease_until, told)
VALUES (:namespace, :pool, :about, (SELECT now FROM clock) + :lease, :heard)
ON CONFLICT (namespace, id) DO UPDATE
SET about = excluded.about, lease_until = excluded.lease_until, told = max(told, excluded.told)

-- name: drop_heard
DELETE FROM pool_commands WHERE namespace = :namespace AND pool = :pool AND number <= :heard

-- name: commands
SELECT number, text FROM pool_commands WHERE namespace = :namespace AND pool = :pool ORDER BY number

-- name: withdraw
DELETE FROM pools WHERE namespace = :namespace AND id = :pool

-- name: all
SELECT id, about, lease_until - (SELECT now FROM clock)
FROM pools
WHERE namespace = :namespace AND lease_until > (SELECT now FROM clock)
ORDER BY id

-- name: count_command
UPDATE pools SET told = told + 1
WHERE namespace = :namespace AND id = :pool AND lease_until > (SELECT now FROM clock)

-- name: command
INSERT INTO pool_commands (namespace, pool, number, text)
SELECT namespace, id, told, :text FROM pools WHERE namespace = :namespace AND id = :pool
