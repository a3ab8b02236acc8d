-- The machine that a job failed on, as its worker's id begins: what is before the first `+` or `:`.

ALTER TABLE failures ADD COLUMN host TEXT NOT NULL DEFAULT '';
UPDATE failures SET host = substr(worker, 1, MIN(instr(worker || '+', '+'), instr(worker || ':', ':')) - 1);
CREATE INDEX failures_by_host ON failures (namespace, host, number, failed_at, retried_at, worker);
