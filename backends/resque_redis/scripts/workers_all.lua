-- Every registered worker.
--
-- Reply: {time in microseconds, {id, description, end of the lease, beat, record, started, heartbeat,
--        processed, failed, what came along}, ...}. What is not there is nil.
-- include: _listing

return list_workers()
