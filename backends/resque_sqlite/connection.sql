-- Opening the file, and the ends of a transaction.

-- name: use_wal
PRAGMA journal_mode = WAL

-- name: synchronous_off
PRAGMA synchronous = OFF

-- name: synchronous_normal
PRAGMA synchronous = NORMAL

-- name: synchronous_full
PRAGMA synchronous = FULL

-- name: synchronous_extra
PRAGMA synchronous = EXTRA

-- name: layout
SELECT
    (SELECT application_id FROM pragma_application_id),
    (SELECT user_version FROM pragma_user_version),
    EXISTS (SELECT 1 FROM sqlite_schema)

-- name: write
BEGIN IMMEDIATE

-- name: commit
COMMIT

-- name: rollback
ROLLBACK

-- name: about
SELECT
    (SELECT journal_mode FROM pragma_journal_mode),
    (SELECT synchronous FROM pragma_synchronous),
    (SELECT page_count FROM pragma_page_count),
    (SELECT page_size FROM pragma_page_size),
    (SELECT user_version FROM pragma_user_version)

-- name: commits
PRAGMA data_version

-- name: inventory
-- Each count reads an index: all begin with the namespace.
SELECT 'jobs', COUNT(*) FROM jobs WHERE namespace = :namespace
UNION ALL SELECT 'queues', COUNT(*) FROM queues WHERE namespace = :namespace
UNION ALL SELECT 'pauses', COUNT(*) FROM pauses WHERE namespace = :namespace
UNION ALL SELECT 'failures', COUNT(*) FROM failures WHERE namespace = :namespace
UNION ALL SELECT 'workers', COUNT(*) FROM workers WHERE namespace = :namespace
UNION ALL SELECT 'commands', COUNT(*) FROM commands WHERE namespace = :namespace
UNION ALL SELECT 'stats', COUNT(*) FROM stats WHERE namespace = :namespace
UNION ALL SELECT 'depths', COUNT(*) FROM depths WHERE namespace = :namespace
UNION ALL SELECT 'claims', COUNT(*) FROM claims WHERE namespace = :namespace
UNION ALL SELECT 'pools', COUNT(*) FROM pools WHERE namespace = :namespace
UNION ALL SELECT 'pool_commands', COUNT(*) FROM pool_commands WHERE namespace = :namespace
UNION ALL SELECT 'records', COUNT(*) FROM records WHERE namespace = :namespace
UNION ALL SELECT 'recurring', COUNT(*) FROM recurring WHERE namespace = :namespace
UNION ALL SELECT 'batches', COUNT(*) FROM batches WHERE namespace = :namespace
UNION ALL SELECT 'batch_jobs', COUNT(*) FROM batch_jobs WHERE namespace = :namespace

-- name: sound
PRAGMA quick_check(1)

-- name: set_layout
PRAGMA user_version = {}
