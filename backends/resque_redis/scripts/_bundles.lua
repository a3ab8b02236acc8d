-- Jobs that came along with the one that a worker holds, its head: they are held with it, under its token.
--
-- What comes along has no line feed in it, and no id with a control character: see _along.lua.
--
-- KEYS queues      Ruby's set of known queue names
-- KEYS worker_     see _ids.lua
-- KEYS bundles     hash: worker id -> lines: how its in-flight record ends; the queue; the ids of what came along, a tab
--                  between two; then the payloads, in the same order
-- include: _clock
-- include: _ids
-- include: _waiting

-- What is in a text from a place on, up to the separator or the end; and the place behind that.
local function part_of(text, from, separator)
  local stop = text:find(separator, from, true) or #text + 1
  return text:sub(from, stop - 1), stop + 1
end

-- What is kept for a worker, if its record ends so or whatever that is: {ending, queue, ids, text, place of the first
-- payload in it}. Else nothing.
local function kept_bundle(worker, wanted)
  local text = call('HGET', bundles, worker) or ''
  local ending, from = part_of(text, 1, '\n')
  if ending == '' or wanted and ending ~= wanted then
    return nil
  end
  local queue, tabbed, jobs, id = nil, nil, {}, nil
  queue, from = part_of(text, from, '\n')
  tabbed, from = part_of(text, from, '\n')
  local place = 1
  while place <= #tabbed do
    id, place = part_of(tabbed, place, '\t')
    jobs[#jobs + 1] = id
  end
  return {ending = ending, queue = queue, ids = jobs, text = text, first = from}
end

-- The whole bundle of a worker, with its head as the first; of a job that is alone, with nothing else.
local function whole_bundle(worker, ending, queue, id, payload)
  local bundle = kept_bundle(worker, ending) or {ending = ending, queue = queue, ids = {}, text = '', first = 1}
  table.insert(bundle.ids, 1, id)
  bundle.head = payload
  return bundle
end

local function payloads_of(bundle)
  local payloads = {bundle.head}
  for payload in (bundle.text:sub(bundle.first) .. '\n'):gmatch('([^\n]*)\n') do
    payloads[#payloads + 1] = payload
  end
  return payloads
end

-- An error, if those that are not `done` could not wait: asked before anything is touched.
local function obstacle_to_bundle(bundle, done)
  for place = 1, #bundle.ids do
    if not done[place] and not takes_elements(queue_ .. bundle.queue) then
      return redis.error_reply('WRONGTYPE the key of queue ' .. bundle.queue .. ' holds no list')
    end
  end
end

-- Take them all out of their worker's hands. Since when each had waited; false, where that is not noted.
local function take_bundle(worker, bundle)
  -- First, because it is allowed when memory is full.
  call('HDEL', bundles, worker)
  local tail, jobs, marked = '\n' .. bundle.ending .. '\n' .. worker, bundle.ids, {}
  local before, since = -#tail - 1, call('HMGET', ids, unpack(jobs))
  for place = 1, #jobs do
    local mark = since[place]
    if mark and mark:sub(before + 1) == tail then
      since[place] = tonumber(mark:sub(2, before))
      marked[#marked + 1] = jobs[place]
    else
      since[place] = false
    end
  end
  if #marked > 0 then
    call('HDEL', ids, unpack(marked))
  end
  return since
end

-- Let all that are not `done` wait at the head of their queue again, in their order; `rescued`: their worker is dead.
local function put_back(bundle, done, since, now, rescued)
  local queue, payloads, is_new = bundle.queue, nil, nil
  for place = #bundle.ids, 1, -1 do
    if not done[place] then
      payloads = payloads or payloads_of(bundle)
      is_new = is_new or call('SADD', queues, queue)
      call('LPUSH', queue_ .. queue, payloads[place])
      note_waiting(bundle.ids[place], queue, payloads[place], true, since[place] or now, now)
      if rescued then
        call('HINCRBY', rescues, bundle.ids[place], 1)
      end
    end
  end
  if is_new then
    wake_one(queue, is_new)
  end
end
