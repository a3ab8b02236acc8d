-- Recurring entries, each with the time of its next tick.

CREATE TABLE recurring (
    namespace TEXT NOT NULL,
    name      TEXT NOT NULL,
    text      BLOB NOT NULL CHECK (typeof(text) = 'blob'),
    revision  TEXT NOT NULL,
    next_at   REAL CHECK (next_at IS NULL OR typeof(next_at) = 'real'),
    last_job  TEXT NOT NULL,
    PRIMARY KEY (namespace, name)
) WITHOUT ROWID;
