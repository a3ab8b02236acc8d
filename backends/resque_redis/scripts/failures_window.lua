-- Elements of the failed list, oldest first.
--
-- KEYS failed      Ruby's list of failures, oldest first
-- ARGV start       index of the first
-- ARGV stop        index of the last
-- Reply: {how many there are in all, {element, ...}}.

if redis.call('TYPE', failed).ok ~= 'list' then
  return {0, {}}
end
return {redis.call('LLEN', failed), redis.call('LRANGE', failed, start, stop)}
