-- The lists of failures of single queues.
--
-- KEYS failed_queues   Ruby's set of their names
-- Reply: {name, ...}.

if call('TYPE', failed_queues).ok ~= 'set' then
  return {}
end
return call('SMEMBERS', failed_queues)
