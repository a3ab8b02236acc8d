-- Leave a verb for a worker's next beat.
--
-- KEYS members     hash: id of a worker of ours -> its description in JSON
-- KEYS commands_   prefix of lists of verbs for one worker
-- ARGV worker      its id
-- ARGV verb        what it should do
-- Reply: 1; 0 if it is not registered, or is no worker of ours.

if call('HEXISTS', members, worker) == 0 then
  return 0
end
call('RPUSH', commands_ .. worker, verb)
return 1
