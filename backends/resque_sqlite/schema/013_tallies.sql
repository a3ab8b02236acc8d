-- How many jobs are delayed, and how many of them wait for another attempt: kept by every statement that changes it,
-- since pages ask for it all the time and counting a million rows takes up to half a second.

CREATE TABLE tallies (
    namespace TEXT NOT NULL PRIMARY KEY,
    delayed   INTEGER NOT NULL,
    retrying  INTEGER NOT NULL
) WITHOUT ROWID;

INSERT INTO tallies (namespace, delayed, retrying)
SELECT namespace, COUNT(*), COUNT(retrying) FROM jobs WHERE state = 'delayed' GROUP BY namespace;

CREATE TRIGGER tally_of_new AFTER INSERT ON jobs WHEN NEW.state = 'delayed'
BEGIN
    INSERT INTO tallies (namespace, delayed, retrying) VALUES (NEW.namespace, 1, NEW.retrying IS NOT NULL)
    ON CONFLICT (namespace) DO UPDATE SET
        delayed = delayed + excluded.delayed, retrying = retrying + excluded.retrying;
END;

CREATE TRIGGER tally_of_changed AFTER UPDATE OF state, retrying ON jobs
WHEN OLD.state = 'delayed' OR NEW.state = 'delayed'
BEGIN
    INSERT INTO tallies (namespace, delayed, retrying)
    VALUES (
        NEW.namespace,
        (NEW.state = 'delayed') - (OLD.state = 'delayed'),
        (NEW.retrying IS NOT NULL) - (OLD.retrying IS NOT NULL)
    )
    ON CONFLICT (namespace) DO UPDATE SET
        delayed = delayed + excluded.delayed, retrying = retrying + excluded.retrying;
END;

CREATE TRIGGER tally_of_deleted AFTER DELETE ON jobs WHEN OLD.state = 'delayed'
BEGIN
    UPDATE tallies SET delayed = delayed - 1, retrying = retrying - (OLD.retrying IS NOT NULL)
    WHERE namespace = OLD.namespace;
END;
