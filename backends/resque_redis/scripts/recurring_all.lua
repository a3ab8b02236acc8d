-- Every recurring entry.
--
-- Reply: {now, name, record, next tick or an empty text, 1 if it has come and the last tick's job is still there, ...}.
-- include: _clock
-- include: _liveness
-- include: _recurring

local now, windows = read_clock(), {}
local reply = {digits(now)}
local found = call('HGETALL', recurring)
for place = 1, #found, 2 do
  local name, record = found[place], found[place + 1]
  local tick = call('ZSCORE', ticks, name)
  local live = tick and tonumber(tick) <= now and is_live(last_job_of(record), windows)
  reply[#reply + 1] = name
  reply[#reply + 1] = record
  reply[#reply + 1] = tick and digits(tick) or ''
  reply[#reply + 1] = live and 1 or 0
end
return reply
