-- Let jobs leave their batches that neither wait, are delayed, nor run.
--
-- ARGV batch       from which to go on; empty: from the first
-- ARGV job         of it, after which to go on; empty: from its first
-- ARGV limit       how many are looked at
-- Reply: {batch, job} to go on from; {'', ''} when all were looked at.
-- include: _clock
-- include: _ids
-- include: _batches

local now, windows, left = read_clock(), {}, tonumber(limit)
local first = batch == '' and '-' or '[' .. batch
for place, open in ipairs(call('ZRANGEBYLEX', batches, first, '+', 'LIMIT', 0, limit + 1)) do
  if place > tonumber(limit) then
    return {open, ''}
  end
  local behind = (open == batch and job ~= '') and '(' .. job or '-'
  local jobs = call('ZRANGEBYLEX', batch_ .. open .. ':jobs', behind, '+', 'LIMIT', 0, left)
  for _, id in ipairs(jobs) do
    if callback_fits(open) and not is_live(id, windows) then
      leave_batch(open, id, '0', now, windows)
    end
  end
  if #jobs == left then
    return {open, jobs[#jobs]}
  end
  left = left - #jobs
end
return {'', ''}
