-- Let delayed jobs that are due wait at the tails of their queues.
--
-- KEYS lock        Ruby's text: the resque-scheduler that promotes here
-- KEYS lock_old    the same under its other name
-- ARGV limit       how many at most
-- Reply: {how many, microseconds until there may be more to do or -1, the holder of the lock or an empty text,
--        {second, item, ...} of items that are no jobs}.
-- include: _delayed

local now = read_clock()
local this_second = digits(math.floor(now / 1000000))

local function string_at(key)
  local there = redis.pcall('GET', key)
  return type(there) == 'string' and there or nil
end

-- What another program promoted is noted here for ever if nobody looks.
local function forget_promoted_by_others()
  local over = call('ZRANGEBYSCORE', delayed, '-inf', '(' .. this_second, 'LIMIT', 0, WINDOW)
  for _, id in ipairs(over) do
    if call('EXISTS', delayed_ .. call('ZSCORE', delayed, id)) == 0 then
      call('ZREM', delayed, id)
      call('SREM', retrying, id)
    end
  end
end

local holder = string_at(lock) or string_at(lock_old)
if holder then
  forget_promoted_by_others()
  return {0, -1, holder, {}}
end

local moved, soonest, bad = 0, nil, {}

-- Of some items of a second those that can move now, earliest first, each with its place among the items.
local function movable(epoch, items)
  local found, times = {}, {}
  for place, item in ipairs(items) do
    times[item] = (times[item] or 0) + 1
    local queue, payload, at = read_item(item, epoch)
    if not queue then
      bad[#bad + 1] = epoch
      bad[#bad + 1] = item
    elseif at > now then
      soonest = math.min(soonest or at, at)
    elseif takes_elements(queue_ .. queue) then
      local id, made_up = id_of_item(epoch, item, times[item])
      found[#found + 1] = {id = id, noted = not made_up, queue = queue, payload = payload, at = at, item = item, place = place}
    end
  end
  table.sort(found, function(one, other)
    return one.at < other.at or (one.at == other.at and one.place < other.place)
  end)
  return found
end

-- The items go first: that is allowed when memory is full, and then so is the rest.
local function move(epoch, items, found)
  if #found == #items then
    call('LTRIM', delayed_ .. epoch, #items, -1)
  else
    for _, job in ipairs(found) do
      call('LREM', delayed_ .. epoch, 1, job.item)
    end
  end
  for _, job in ipairs(found) do
    forget_item(job.id, epoch, job.item)
    let_wait(job.noted and job.id, job.queue, job.payload, now)
  end
  forget_empty(epoch)
  moved = moved + #found
end

local due = call('ZRANGEBYSCORE', schedule, '-inf', this_second, 'LIMIT', 0, limit)
for _, epoch in ipairs(due) do
  if moved >= tonumber(limit) then
    break
  end
  local items = read_items(epoch, 0, limit - moved - 1)
  move(epoch, items, movable(epoch, items))
end
forget_promoted_by_others()
if moved >= tonumber(limit) or #due == tonumber(limit) then
  return {moved, 0, '', bad}
end
local following = call('ZRANGEBYSCORE', schedule, '(' .. this_second, '+inf', 'LIMIT', 0, 1)[1]
soonest = soonest or (following and following * 1000000)
return {moved, soonest and math.max(0, soonest - now) or -1, '', bad}
