-- Adding to the failed list.
--
-- KEYS failed      Ruby's list of failures, oldest first
-- KEYS failed_queues  Ruby's set of names of lists of single queues
-- KEYS failures    zset: failure id -> a number that grows: whose rank is a hint at the place in the list
-- include: _clock

-- With one failure that is kept so many go at most: Keeping's TRIMMED_AT_ONCE.
local TRIMMED_AT_ONCE = 25

-- Fourteen digits that sort as the moments do, of `2026/11/21 22:53:36` or `2026-11-21T22:53:36`.
local function sortable(text)
  return text:sub(1, 19):gsub('%D', '')
end

-- Whether an element failed before the moment. One that says no time is as old as can be, as in every list.
-- Ruby writes its own zone's time: one of an unknown zone gets the benefit of all zones.
local function failed_before(element, moment)
  local text = element:match('"failed_at":%s*"([^"]*)"') or ''
  local zone = text:sub(20)
  local slack = (zone == ' UTC' or zone == 'Z' or zone == '') and 0 or 14 * 3600 * 1000000
  return sortable(text) < sortable(iso(moment - slack))
end

-- Delete from the old end as many as are more than `most`, then those that are older than `age` seconds up to
-- the first that is not; each is text, or empty for no limit.
local function trim_failures(most, age, now)
  local excess = most ~= '' and call('LLEN', failed) - tonumber(most) or 0
  local moment = age ~= '' and now - tonumber(age) * 1000000
  for gone = 1, TRIMMED_AT_ONCE do
    local oldest = call('LINDEX', failed, 0)
    if not oldest or not (gone <= excess or moment and failed_before(oldest, moment)) then
      return
    end
    call('LPOP', failed)
    call('ZREM', failures, oldest:match('.*"failure_id":"([^"]*)"') or '')
  end
end

-- `list` is the name of the list, if it is one queue's; `most` and `age` are what `trim_failures` gets.
local function add_failure(id, entry, now, list, most, age)
  if list and list ~= '' then
    call('SADD', failed_queues, list)
  end
  call('RPUSH', failed, entry)
  trim_failures(most or '', age or '', now)
  -- Others may have cleared the list; what is too much are the oldest.
  local excess = call('ZCARD', failures) + 1 - call('LLEN', failed)
  if excess > 0 then
    call('ZREMRANGEBYRANK', failures, 0, excess - 1)
  end
  local last = call('ZREVRANGE', failures, 0, 0, 'WITHSCORES')[2]
  call('ZADD', failures, digits(math.max(now, tonumber(last or 0) + 1)), id)
end
