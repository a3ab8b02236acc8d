-- How long the jobs of each queue waited and took: of every bucket that was hit, how often, and the seconds in it.

CREATE TABLE timings (
    namespace TEXT NOT NULL,
    queue     TEXT NOT NULL,
    measure   TEXT NOT NULL CHECK (measure IN ('duration', 'wait')),
    bucket    TEXT NOT NULL,
    count     INTEGER NOT NULL,
    seconds   REAL NOT NULL,
    PRIMARY KEY (namespace, queue, measure, bucket)
) WITHOUT ROWID;

-- They go with their queue.
CREATE TRIGGER timings_of_queue AFTER DELETE ON queues
BEGIN
    DELETE FROM timings WHERE namespace = OLD.namespace AND queue = OLD.name;
END;
