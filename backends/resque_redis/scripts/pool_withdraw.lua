-- Forget a pool, and what it was told.
--
-- ARGV pool        its id
-- Reply: 1.
-- include: _clock
-- include: _pools

forget_pool(pool)
return 1
