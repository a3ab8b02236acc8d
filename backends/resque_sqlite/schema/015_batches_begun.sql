-- In which order batches began: they are listed by that.

ALTER TABLE batches ADD COLUMN begun INTEGER NOT NULL DEFAULT 0;
CREATE INDEX batches_begun ON batches (namespace, begun, id);
