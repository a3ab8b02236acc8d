-- How many jobs a batch has, how many are left, how many failed, and the id of its callback.
--
-- ARGV batch       its id
-- Reply: {total, left, failed, id or an empty text}; {} if there is none.
-- include: _batches

return read_batch(batch) or {}
