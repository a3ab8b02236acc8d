-- How many jobs waited on the queues, minute by minute.

CREATE TABLE depths (
    namespace TEXT NOT NULL,
    start     INTEGER NOT NULL,  -- of the minute, in seconds since 1970
    total     INTEGER NOT NULL,
    queues    TEXT NOT NULL,     -- a JSON object: the deepest queues by name
    PRIMARY KEY (namespace, start)
) WITHOUT ROWID;
