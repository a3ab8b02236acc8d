-- The first layout of the store. Every key and index begins with the namespace, so that several
-- of them share one file and never see each other.

-- The one clock that everything compares. julianday, because unixepoch('subsec') is NULL before
-- SQLite 3.42, and a lease that is NULL never ends.
CREATE VIEW clock (now) AS SELECT (julianday('now') - 2440587.5) * 86400.0;

-- Jobs that wait or run. The in-flight record of a running job is its own row, so that taking a
-- job and noting who holds it cannot come apart. The CHECKs leave no third state.
CREATE TABLE jobs (
    number      INTEGER PRIMARY KEY,
    namespace   TEXT NOT NULL,
    id          TEXT NOT NULL,
    queue       TEXT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('queued', 'running')),
    place       INTEGER NOT NULL CHECK (typeof(place) = 'integer'),
    enqueued_at REAL NOT NULL,
    rescues     INTEGER NOT NULL DEFAULT 0,
    worker      TEXT,
    token       TEXT,
    reserved_at REAL,
    payload     BLOB NOT NULL CHECK (typeof(payload) = 'blob'),
    UNIQUE (namespace, id),
    CHECK ((state = 'running') = (token IS NOT NULL)),
    CHECK ((state = 'running') = (worker IS NOT NULL)),
    CHECK ((state = 'running') = (reserved_at IS NOT NULL))
);

-- A queue from head to tail. The last two columns let sizes and latencies be read from it alone.
CREATE INDEX jobs_waiting ON jobs (namespace, queue, place, enqueued_at, state) WHERE state = 'queued';

-- What a worker holds: one job at most.
CREATE UNIQUE INDEX jobs_running ON jobs (namespace, worker) WHERE state = 'running';

CREATE TABLE queues (
    namespace TEXT NOT NULL,
    name      TEXT NOT NULL,
    PRIMARY KEY (namespace, name)
) WITHOUT ROWID;

-- Apart from `queues`, because a queue can be paused before its first job; '*' pauses them all.
CREATE TABLE pauses (
    namespace TEXT NOT NULL,
    queue     TEXT NOT NULL,
    PRIMARY KEY (namespace, queue)
) WITHOUT ROWID;

-- `number` grows with every failure: newest first means by it, and not by anybody's clock.
CREATE TABLE failures (
    number      INTEGER PRIMARY KEY,
    namespace   TEXT NOT NULL,
    id          TEXT NOT NULL,
    job_id      TEXT NOT NULL,
    queue       TEXT NOT NULL,
    name        TEXT NOT NULL,
    exception   TEXT NOT NULL,
    kind        TEXT NOT NULL,  -- the last dotted part of `exception`
    failed_at   REAL NOT NULL,
    retried_at  REAL,
    worker      TEXT NOT NULL,
    error       TEXT NOT NULL,
    backtrace   TEXT NOT NULL,  -- a JSON list of lines
    payload     BLOB NOT NULL CHECK (typeof(payload) = 'blob'),
    UNIQUE (namespace, id)
);

-- One index for each filter, all in the order of the list, so that counting and leafing through
-- a million failures reads index pages only.
CREATE INDEX failures_in_order ON failures (namespace, number, failed_at, retried_at);
CREATE INDEX failures_by_queue ON failures (namespace, queue, number, failed_at, retried_at);
CREATE INDEX failures_by_name ON failures (namespace, name, number, failed_at, retried_at);
CREATE INDEX failures_by_kind ON failures (namespace, kind, number, failed_at, retried_at, exception);

CREATE TABLE workers (
    namespace    TEXT NOT NULL,
    id           TEXT NOT NULL,
    host         TEXT NOT NULL,
    pid          INTEGER NOT NULL,
    queues       TEXT NOT NULL,  -- a JSON list of patterns
    started_at   REAL NOT NULL,
    heartbeat_at REAL,
    lease_until  REAL NOT NULL,
    processed    INTEGER NOT NULL DEFAULT 0,
    failed       INTEGER NOT NULL DEFAULT 0,
    settled      TEXT,           -- the token that it settled last: a repeated settlement is known by it
    PRIMARY KEY (namespace, id)
) WITHOUT ROWID;

CREATE TABLE commands (
    number    INTEGER PRIMARY KEY,
    namespace TEXT NOT NULL,
    worker    TEXT NOT NULL,
    verb      TEXT NOT NULL
);
CREATE INDEX commands_of_worker ON commands (namespace, worker);

-- Counters ('total', with start 0) and their history. What one settlement touches lies close together.
CREATE TABLE stats (
    namespace TEXT NOT NULL,
    grain     TEXT NOT NULL CHECK (grain IN ('day', 'minute', 'total')),
    start     INTEGER NOT NULL,
    name      TEXT NOT NULL,
    value     INTEGER NOT NULL,
    PRIMARY KEY (namespace, grain, start, name)
) WITHOUT ROWID;

PRAGMA application_id = 1383297394;  -- 'Rsqr': the file is ours
PRAGMA user_version = 1;
