-- Batches from a place on, the one begun last first.
--
-- ARGV start       index of the first
-- ARGV stop        index of the last
-- Reply: {how many there are, {id, total, left, failed, id of the callback}, ...}.
-- include: _batches

forget_batches(read_clock())
local answer = {call('ZCARD', begun)}
for _, batch in ipairs(call('ZREVRANGE', begun, start, stop)) do
  local said = read_batch(batch)
  if said then
    table.insert(said, 1, batch)
    answer[#answer + 1] = said
  end
end
return answer
