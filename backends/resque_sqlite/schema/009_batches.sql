-- Batches: jobs that were enqueued together, and the job that waits until each of them has ended.

CREATE TABLE batches (
    namespace  TEXT NOT NULL,
    id         TEXT NOT NULL,
    total      INTEGER NOT NULL,
    failed     INTEGER NOT NULL DEFAULT 0,
    callback   TEXT,           -- its id, queue and payload
    queue      TEXT,
    payload    BLOB CHECK (payload IS NULL OR typeof(payload) = 'blob'),
    kept_until REAL,           -- NULL until all of its jobs have ended
    PRIMARY KEY (namespace, id),
    CHECK ((callback IS NULL) = (queue IS NULL) AND (callback IS NULL) = (payload IS NULL))
) WITHOUT ROWID;

-- The jobs of each that have not ended.
CREATE TABLE batch_jobs (
    namespace TEXT NOT NULL,
    batch     TEXT NOT NULL,
    job       TEXT NOT NULL,
    PRIMARY KEY (namespace, batch, job)
) WITHOUT ROWID;
