-- What unique jobs hold. How a claim ends is in schema/*_claims.sql.

-- name: holder
-- Another job that holds the key.
SELECT job FROM claims
WHERE namespace = :namespace AND key = :key AND job <> :id
    AND (expires_at IS NULL OR expires_at > (SELECT now FROM clock))

-- name: live
SELECT 1 FROM jobs WHERE namespace = :namespace AND id = :id

-- name: hold
INSERT INTO claims (namespace, key, job, until, expires_at)
VALUES (:namespace, :key, :id, :until, CASE WHEN :until = 'expiry' THEN (SELECT now FROM clock) + :seconds END)
ON CONFLICT (namespace, key) DO UPDATE
SET job = excluded.job, until = excluded.until, expires_at = excluded.expires_at

-- name: forget_expired
DELETE FROM claims WHERE namespace = :namespace AND expires_at <= (SELECT now FROM clock)
