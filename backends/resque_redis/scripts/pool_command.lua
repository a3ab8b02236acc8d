-- Leave something for a pool's next report.
--
-- KEYS pools          zset: id of a pool -> end of its lease, in microseconds
-- KEYS pool_          prefix of hashes: `told` how often the pool was told something
-- KEYS pool_commands_ prefix of lists: number, space and text of what the pool has not heard
-- ARGV pool        its id
-- ARGV text        what it is told
-- Reply: 1; 0 if there is no such pool whose lease runs.
-- include: _clock

local lease = call('ZSCORE', pools, pool)
if not lease or tonumber(lease) <= read_clock() then
  return 0
end
local number = call('HINCRBY', pool_ .. pool, 'told', 1)
call('RPUSH', pool_commands_ .. pool, number .. ' ' .. text)
return 1
