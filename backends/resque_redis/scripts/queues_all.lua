-- Every known queue.
--
-- Reply: {{name, size, paused (1 or 0)}, ...}.
-- include: _listing

return list_queues()
