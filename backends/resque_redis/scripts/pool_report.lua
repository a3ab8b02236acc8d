-- Make known what a pool says of itself, with a lease, and hand over what it has not heard.
--
-- ARGV pool        its id
-- ARGV about       what it says
-- ARGV lease       in microseconds
-- ARGV heard       the number of the last command that it has heard
-- Reply: {number, space and text, ...}, oldest first.
-- include: _clock
-- include: _pools

local now = read_clock()
local lapsed = call('ZSCORE', pools, pool)
-- First, because it is allowed when memory is full.
call('ZREM', pools, pool)
if lapsed and tonumber(lapsed) <= now then
  forget_pool(pool)
end
forget_lapsed_pools(now)
call('HSET', pool_ .. pool, 'about', about)
if tonumber(call('HGET', pool_ .. pool, 'told') or 0) < tonumber(heard) then
  -- It was forgotten meanwhile; numbers go on.
  call('HSET', pool_ .. pool, 'told', heard)
end
call('ZADD', pools, digits(now + lease), pool)
local commands = call('LRANGE', pool_commands_ .. pool, 0, -1)
local answer = {}
for _, command in ipairs(commands) do
  if tonumber(string.match(command, '^%d+')) > tonumber(heard) then
    answer[#answer + 1] = command
  else
    call('LPOP', pool_commands_ .. pool)
  end
end
return answer
