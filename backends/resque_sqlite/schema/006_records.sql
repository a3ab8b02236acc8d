-- What is kept of jobs that ask for it: where a job is says its own row; this is how far it is, and how it ended.

CREATE TABLE records (
    namespace  TEXT NOT NULL,
    job        TEXT NOT NULL,
    about      BLOB NOT NULL,
    latest     BLOB NOT NULL,
    ending     BLOB NOT NULL,
    kept_until REAL NOT NULL,
    PRIMARY KEY (namespace, job)
) WITHOUT ROWID;
CREATE INDEX records_over ON records (namespace, kept_until);
