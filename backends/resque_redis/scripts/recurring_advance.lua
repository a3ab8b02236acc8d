-- Carry out the tick of the recurring entry that was seen, if it has come: write its next one, and enqueue the job.
--
-- ARGV entry       its name
-- ARGV seen        its revision
-- ARGV record      see _recurring.lua
-- ARGV tick        the next one, in microseconds, or an empty text
-- ARGV ...         nothing; or id, queue, payload, key of the claim or nothing, END, milliseconds
-- Reply: {1 or 0 if it is another one by now, or has not come; which job holds the claim, or an empty text}.
-- include: _clock
-- include: _ids
-- include: _storing
-- include: _holders
-- include: _recurring

local there = revision_of(call('HGET', recurring, entry))
if there ~= seen then
  return {there == revision_of(record) and 1 or 0, ''}
end
local now, windows = read_clock(), {}
local due = call('ZSCORE', ticks, entry)
if not due or tonumber(due) > now then
  return {0, ''}
end
local id, queue, payload, key = ARGV[REST], ARGV[REST + 1], ARGV[REST + 2], ARGV[REST + 3]
local holder = id and key ~= '' and other_holder(id, key, {}, windows)
if id and not holder then
  local is_new = not is_live(id, windows)
  local stored = store({id, queue, payload}, 1, false, now, windows, now)
  if type(stored) == 'table' then
    return stored
  end
  if is_new and key ~= '' then
    hold_claim(id, key, ARGV[REST + 4], ARGV[REST + 5])
  end
end
write_entry(entry, record, tick)
return {1, holder or ''}
