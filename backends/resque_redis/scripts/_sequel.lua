-- What happens with the end of a job: its note is written, other jobs begin to wait.
--
-- A sequel is a text of parts, each as LENGTH:BYTES; none: nothing happens. The parts: milliseconds, about, latest, end
-- of the note (milliseconds empty: there is none), the batch that the job leaves (empty: none) and 1 if it has failed,
-- then id, queue, payload of each job to follow.
--
-- KEYS records_    prefix of the hashes of notes: `about`, `latest`, `end`; each expires
-- include: _clock
-- include: _ids
-- include: _batches

local function parts_of(text)
  local parts, place = {}, 1
  while place <= #text do
    local length, first = text:match('^(%d+):()', place)
    parts[#parts + 1] = text:sub(first, first + length - 1)
    place = first + length
  end
  return parts
end

-- An empty text leaves what is there.
local function keep_note(id, milliseconds, about, latest, ending)
  -- The first write, and one that is allowed when memory is full.
  call('PEXPIRE', records_ .. id, milliseconds)
  for name, text in pairs({about = about, latest = latest, ['end'] = ending}) do
    if text ~= '' then
      call('HSET', records_ .. id, name, text)
    end
  end
  call('PEXPIRE', records_ .. id, milliseconds)
end

-- An error, if a job to follow could not wait: asked before the job that it follows is touched.
local function obstacle_to(parts)
  for place = 7, #parts, 3 do
    if not takes_elements(queue_ .. parts[place + 1]) then
      return redis.error_reply('WRONGTYPE the key of queue ' .. parts[place + 1] .. ' holds no list')
    end
  end
  if parts[5] and parts[5] ~= '' and not callback_fits(parts[5]) then
    return redis.error_reply('WRONGTYPE the key of the queue of the callback of batch ' .. parts[5] .. ' holds no list')
  end
end

local function follow(id, parts, now)
  if parts[1] ~= '' then
    keep_note(id, parts[1], parts[2], parts[3], parts[4])
  end
  local windows = {}
  for place = 7, #parts, 3 do
    let_follow(parts[place], parts[place + 1], parts[place + 2], now, windows)
  end
  if parts[5] ~= '' then
    leave_batch(parts[5], id, parts[6], now, windows)
  end
end
