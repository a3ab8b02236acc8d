-- Callbacks of batches that are not worth running late.

-- Seconds from the end of the batch on; 0: for ever.
ALTER TABLE batches ADD COLUMN lasts REAL NOT NULL DEFAULT 0;
