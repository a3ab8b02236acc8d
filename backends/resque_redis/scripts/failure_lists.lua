-- The lists of failures of single queues.
--
-- KEYS failed_queues   Ruby's set of their names
-- Reply: {name, ...}.

if redis.call('TYPE', failed_queues).ok ~= 'set' then
  return {}
end
return redis.call('SMEMBERS', failed_queues)
