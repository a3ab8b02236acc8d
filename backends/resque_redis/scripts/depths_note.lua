-- Note how many jobs wait on the queues, unless that was done in this minute.
--
-- KEYS queues      Ruby's set of known queue names
-- KEYS queue_      prefix of Ruby's lists of waiting payloads
-- KEYS depths      list of JSON lists, one a minute, oldest first: [START, TOTAL, QUEUE, SIZE, ...]
-- ARGV named       so many queues are noted by name, the deepest first
-- ARGV kept        so many minutes are kept
-- Reply: microseconds until the next minute.
-- include: _clock

local now = read_clock()
local start = math.floor(now / 60000000) * 60
local left = digits((start + 60) * 1000000 - now)
local last = call('LINDEX', depths, -1)
if last and last:match('^%[(%d+)') == digits(start) then
  return left
end
local total, deepest = 0, {}
for _, queue in ipairs(call('SMEMBERS', queues)) do
  local size = redis.pcall('LLEN', queue_ .. queue)
  if type(size) == 'number' and size > 0 then
    total = total + size
    deepest[#deepest + 1] = {queue, size}
  end
end
table.sort(deepest, function(one, other)
  return one[2] > other[2] or one[2] == other[2] and one[1] < other[1]
end)
local note = {start, total}
for place = 1, math.min(#deepest, named) do
  note[#note + 1] = deepest[place][1]
  note[#note + 1] = deepest[place][2]
end
-- First, because it is allowed when memory is full.
call('LTRIM', depths, 1 - kept, -1)
call('RPUSH', depths, cjson.encode(note))
return left
