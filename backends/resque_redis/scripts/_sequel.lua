-- What happens with the end of a job: its note is written, other jobs begin to wait.
--
-- A sequel is a text of parts, each as LENGTH:BYTES; none: nothing happens. The parts: milliseconds, about, latest, end
-- of the note (milliseconds empty: there is none), then id, queue, payload of each job to follow.
--
-- KEYS queues      Ruby's set of known queue names
-- KEYS records_    prefix of the hashes of notes: `about`, `latest`, `end`; each expires
-- include: _clock
-- include: _ids

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
local function no_sequel(parts)
  for place = 5, #parts, 3 do
    if not takes_elements(queue_ .. parts[place + 1]) then
      return redis.error_reply('WRONGTYPE the key of queue ' .. parts[place + 1] .. ' holds no list')
    end
  end
end

local function carry_out(id, parts, now)
  if #parts == 0 then
    return
  end
  if parts[1] ~= '' then
    keep_note(id, parts[1], parts[2], parts[3], parts[4])
  end
  local windows = {}
  for place = 5, #parts, 3 do
    local following, queue, payload = parts[place], parts[place + 1], parts[place + 2]
    if not is_live(following, windows) then
      forget_id(following)
      call('SADD', queues, queue)
      note_waiting(following, queue, payload, false, now, now)
      call('RPUSH', queue_ .. queue, payload)
    end
  end
end
