-- Limits: of a running job the slot that it has, of a delayed one the slot that it waits for.

ALTER TABLE jobs ADD COLUMN limit_key TEXT;
CREATE INDEX jobs_limited ON jobs (namespace, limit_key, state, run_at) WHERE limit_key IS NOT NULL;
