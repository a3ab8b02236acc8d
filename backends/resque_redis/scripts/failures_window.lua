-- Elements of the failed list, oldest first, and whether there are other lists of failures.
--
-- KEYS failed          Ruby's list of failures, oldest first
-- KEYS failed_queues   Ruby's set of the names of the lists of single queues
-- ARGV start           index of the first
-- ARGV stop            index of the last
-- Reply: {how many there are in all, {element, ...}, {name of a list, ...}}.

local names = {}
if call('TYPE', failed_queues).ok == 'set' then
  names = call('SMEMBERS', failed_queues)
end
if call('TYPE', failed).ok ~= 'list' then
  return {0, {}, names}
end
return {call('LLEN', failed), call('LRANGE', failed, start, stop), names}
