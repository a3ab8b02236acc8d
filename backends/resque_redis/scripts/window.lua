-- Payloads of a queue.
--
-- KEYS queue_      prefix of Ruby's lists of waiting payloads
-- ARGV queue       its name
-- ARGV start       index of the first, from -1 at the tail
-- ARGV stop        index of the last
-- Reply: {payload, ...}.

if call('TYPE', queue_ .. queue).ok ~= 'list' then
  return {}
end
return call('LRANGE', queue_ .. queue, start, stop)
