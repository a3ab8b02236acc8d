-- Waking one of the workers that wait: each of them waits in the server for the token of one of its queues.
--
-- A token is a hint, and no job depends on it. A queue has one at most, given by whoever lets a job wait on it, and by
-- whoever takes one and leaves others; who takes the last one takes the token away.
--
-- KEYS queue_      prefix of Ruby's lists of waiting payloads, head first
-- KEYS wake_       prefix of one list for each queue that may have work: its token; expires. That of `*` is for queues that nobody knew

-- Seconds. By then every worker has looked by itself, and the queue may be one that nobody uses any more.
local TOKEN_LASTS = 3600

local function give_token(queue)
  if call('LLEN', wake_ .. queue) == 0 then
    call('RPUSH', wake_ .. queue, '1')
    call('EXPIRE', wake_ .. queue, TOKEN_LASTS)
  end
end

-- A job waits on the queue from now on. The second is what adding it to the known ones said.
local function wake_one(queue, is_new)
  give_token(queue)
  if is_new == 1 then
    give_token('*')
  end
end

-- A job of the queue was taken, and so many are left.
local function wake_next(queue, left)
  if left > 0 then
    give_token(queue)
  else
    call('DEL', wake_ .. queue)
  end
end
