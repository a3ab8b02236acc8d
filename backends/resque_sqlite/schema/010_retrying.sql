-- Of a delayed job, whether it failed and waits for another attempt.

ALTER TABLE jobs ADD COLUMN retrying INTEGER;
CREATE INDEX jobs_retrying ON jobs (namespace, retrying) WHERE retrying IS NOT NULL;
