-- Taking the head of the first queue that has one and is not paused, into the hands of a worker.
--
-- KEYS workers     Ruby's set of worker ids
-- KEYS members     hash: id of a worker of ours -> its description in JSON
-- KEYS queues      Ruby's set of known queue names
-- KEYS pauses      set of paused queues
-- KEYS pause_all   Ruby's text: `true` pauses every queue
-- KEYS bundles     see _bundles.lua
-- include: _json
-- include: _clock
-- include: _ids
-- include: _settlement

-- What the record says of the payload: its own bytes, if they are a JSON object; else they are a text beside it.
local function spliced(payload)
  if object_of(payload) then
    return payload, ''
  end
  return '{"class":null,"args":[]}', ',"raw":' .. quoted(payload)
end

-- The record is Ruby's, then ours; the token ends it. `at` is the time in digits.
local function record_of(queue, id, payload, now, at, rescued, ending)
  local shown, raw = spliced(payload)
  return '{"queue":' .. quoted(queue) .. ',"run_at":"' .. iso(now) .. 'Z","payload":' .. shown
    .. ',"x":{"id":' .. quoted(id) .. ',"at":' .. at .. ',"rescues":' .. rescued .. raw .. ending
end

-- `most`, as text: so many jobs may come.
local function hold(worker, ending, known, queue, payload, now, most)
  -- One question for three: hardly any store has jobs that claim something, were rescued, or go by another name.
  local usual = call('EXISTS', aliases, claims_ .. 'jobs', rescues) == 0
  local id, at, along = usual and usual_id(queue, payload) or id_of(queue, payload), digits(now), nil
  local since, rescued = note_taken(id, queue) or at, '0'
  if not usual then
    end_claim(id, 'begun')
    rescued = call('HGET', rescues, id) or '0'
  end
  if usual and most ~= '1' then
    -- include: _along
    along = take_along(worker, ending, queue, id, most - 1, at)
  end
  local tail = (along and ',"along":true}' or '}') .. ending
  call('SET', worker_ .. worker, record_of(queue, id, payload, now, at, rescued, tail))
  call('HSET', ids, id, 'r' .. since .. '\n' .. ending .. '\n' .. worker)
  local left = call('LLEN', queue_ .. queue)
  forget_taken_by_others(queue, left)
  wake_next(queue, left)
  return {'job', known, queue, id, payload, rescued, at, along}
end

-- The names of the queues are ARGV[first] and what follows. Answers {what, known, ...}: `lost` · `idle`, paused
-- (1 or 0) · `held`, record, what came along · `busy`, record · `job`, queue, id, payload, rescues, time in microseconds,
-- what came along. That is as `bundles` keeps it, and nothing for a job that is alone. `is_free`: it is known to hold none.
local function take_head(worker, token, discover, most, first, now, is_free)
  if call('SISMEMBER', workers, worker) == 0 or call('HEXISTS', members, worker) == 0 then
    return {'lost', {}}
  end
  local known = discover == '1' and call('SMEMBERS', queues) or {}
  local ending = ',"token":' .. token .. '}'
  local record = not is_free and call('GET', worker_ .. worker)
  if record then
    local along = is_bundle(record, ending) and call('HGET', bundles, worker) or nil
    return {ends_with(record, ending) and 'held' or 'busy', known, record, along}
  end
  if (call('GET', pause_all) or ''):lower():match('^%s*(.-)%s*$') == 'true' then
    return {'idle', known, 1}
  end
  for place = first, #ARGV do
    local queue = ARGV[place]
    if call('SISMEMBER', pauses, queue) == 0 then
      -- The first write, and one that is allowed when memory is full.
      local payload = redis.pcall('LPOP', queue_ .. queue)
      if type(payload) == 'string' then
        return hold(worker, ending, known, queue, payload, now, most)
      end
      if type(payload) == 'table' and not payload.err:find('WRONGTYPE') then
        return payload
      end
    end
  end
  return {'idle', known, 0}
end
