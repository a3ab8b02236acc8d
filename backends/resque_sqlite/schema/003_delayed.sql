-- Jobs may be delayed: a third state, with the time at which they are due. SQLite cannot change a
-- CHECK, so the table is made anew, with its indexes and triggers.

CREATE TABLE jobs_of_layout_3 (
    number      INTEGER PRIMARY KEY,
    namespace   TEXT NOT NULL,
    id          TEXT NOT NULL,
    queue       TEXT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('delayed', 'queued', 'running')),
    place       INTEGER NOT NULL CHECK (typeof(place) = 'integer'),  -- means nothing while it is delayed
    enqueued_at REAL NOT NULL,
    run_at      REAL CHECK (run_at IS NULL OR typeof(run_at) = 'real'),
    rescues     INTEGER NOT NULL DEFAULT 0,
    worker      TEXT,
    token       TEXT,
    reserved_at REAL,
    payload     BLOB NOT NULL CHECK (typeof(payload) = 'blob'),
    UNIQUE (namespace, id),
    CHECK ((state = 'delayed') = (run_at IS NOT NULL)),
    CHECK ((state = 'running') = (token IS NOT NULL)),
    CHECK ((state = 'running') = (worker IS NOT NULL)),
    CHECK ((state = 'running') = (reserved_at IS NOT NULL))
);

INSERT INTO jobs_of_layout_3
    (number, namespace, id, queue, state, place, enqueued_at, rescues, worker, token, reserved_at, payload)
SELECT number, namespace, id, queue, state, place, enqueued_at, rescues, worker, token, reserved_at, payload
FROM jobs;

DROP TABLE jobs;
ALTER TABLE jobs_of_layout_3 RENAME TO jobs;

-- A queue from head to tail. The last two columns let sizes and latencies be read from it alone.
CREATE INDEX jobs_waiting ON jobs (namespace, queue, place, enqueued_at, state) WHERE state = 'queued';

-- What a worker holds: one job at most.
CREATE UNIQUE INDEX jobs_running ON jobs (namespace, worker) WHERE state = 'running';

-- What is due first. No claim and no enqueue meets any of these.
CREATE INDEX jobs_delayed ON jobs (namespace, run_at, number) WHERE state = 'delayed';

CREATE TRIGGER claims_until_start AFTER UPDATE OF state ON jobs WHEN NEW.state = 'running'
BEGIN
    DELETE FROM claims WHERE namespace = NEW.namespace AND job = NEW.id AND until = 'start';
END;

-- A job that was never begun takes its claim for a time with it, too.
CREATE TRIGGER claims_until_done AFTER DELETE ON jobs
BEGIN
    DELETE FROM claims
    WHERE namespace = OLD.namespace AND job = OLD.id AND (until <> 'expiry' OR OLD.state <> 'running');
END;

PRAGMA user_version = 3;
