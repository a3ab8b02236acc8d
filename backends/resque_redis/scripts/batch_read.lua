-- How many jobs a batch has, how many are left, how many failed, and the id of its callback.
--
-- KEYS batch_      see _batches.lua
-- ARGV batch       its id
-- Reply: {total, left, failed, id or an empty text}; {} if there is none.

local total, failed, id = unpack(call('HMGET', batch_ .. batch, 'total', 'failed', 'id'))
if not total then
  return {}
end
return {tonumber(total), call('ZCARD', batch_ .. batch .. ':jobs'), tonumber(failed or 0) or 0, id or ''}
