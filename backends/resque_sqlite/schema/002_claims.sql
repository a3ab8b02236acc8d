-- Unique jobs: what each holds, so that no second one of its kind is enqueued. A claim is gone with
-- its job, or earlier: the triggers see to that, whichever statement moves or deletes the job.

CREATE TABLE claims (
    namespace  TEXT NOT NULL,
    key        TEXT NOT NULL,
    job        TEXT NOT NULL,
    until      TEXT NOT NULL CHECK (until IN ('start', 'done', 'expiry')),
    expires_at REAL,
    PRIMARY KEY (namespace, key),
    CHECK ((until = 'expiry') = (expires_at IS NOT NULL))
) WITHOUT ROWID;
CREATE INDEX claims_of_job ON claims (namespace, job);

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

PRAGMA user_version = 2;
