-- Every counter that is known.
--
-- Reply: {name, value, name, value, ...}.
-- include: _listing

return list_counters()
