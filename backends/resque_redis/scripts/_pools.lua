-- Pools whose lease is over are forgotten, and what they were told.
--
-- KEYS pools          zset: id of a pool -> end of its lease, in microseconds
-- KEYS pool_          prefix of hashes: `about` what the pool says of itself, `told` how often it was told something
-- KEYS pool_commands_ prefix of lists: number, space and text of what the pool has not heard

local function forget_pool(pool)
  call('ZREM', pools, pool)
  call('DEL', pool_ .. pool, pool_commands_ .. pool)
end

local function forget_lapsed_pools(now)
  for _, pool in ipairs(call('ZRANGEBYSCORE', pools, '-inf', digits(now), 'LIMIT', 0, 1000)) do
    forget_pool(pool)
  end
end
