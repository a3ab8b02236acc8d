-- Recurring entries. What a record holds besides its revision and the id of the last tick's job is never read here.
--
-- KEYS recurring   hash: name -> `REVISION\nLENGTH\nJOBTEXT`: LENGTH is that of JOB, the id of the last tick's job
-- KEYS ticks       zset: name -> the next tick, in microseconds

local function revision_of(record)
  return record and record:match('^([^\n]*)\n') or ''
end

local function last_job_of(record)
  local length, rest = record:match('^[^\n]*\n(%d+)\n(.*)$')
  return rest:sub(1, tonumber(length))
end

local function write_entry(name, record, tick)
  call('HSET', recurring, name, record)
  if tick == '' then
    call('ZREM', ticks, name)
  else
    call('ZADD', ticks, tick, name)
  end
end
