-- Elements of the failed list, oldest first.
--
-- KEYS failed      Ruby's list of failures, oldest first
-- ARGV start       index of the first
-- ARGV stop        index of the last
-- Reply: {how many there are in all, {element, ...}}.

if call('TYPE', failed).ok ~= 'list' then
  return {0, {}}
end
return {call('LLEN', failed), call('LRANGE', failed, start, stop)}
