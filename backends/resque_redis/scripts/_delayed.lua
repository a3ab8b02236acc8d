-- Jobs that wait for their time, in resque-scheduler's layout: each second has a list of items.
--
-- An item is the payload, byte for byte, with `"queue":"…"` as a further last member, and then the exact time as
-- `"run_at":1764000000.250000` unless the second itself says it. What is no JSON object is in a member `raw`.
-- The id of an item is the one in its JSON, unless `names_` says another one; else it is EPOCH.SHA1. Other programs add and remove items as they like: a note is a reason to look, never the answer.
--
-- KEYS queues      Ruby's set of known queue names
-- KEYS schedule    Ruby's zset of the seconds that have items: EPOCH -> EPOCH
-- KEYS delayed_    prefix of Ruby's lists of the items of one second, in the order of their arrival
-- KEYS timestamps_ prefix of Ruby's sets: of each item, the lists that have it
-- KEYS delayed     zset: id -> the second in whose list its item is
-- KEYS names_      prefix of one hash for each second: item -> JSON list of the ids of these equal items, in order
-- KEYS retrying    set of the ids that are delayed until another attempt
-- include: _clock
-- include: _json
-- include: _ids
-- include: _aliases
-- include: _waiting

-- Seconds. What other programs leave of `names_` is kept so long after its second.
local KEPT = 30 * 86400

local function bucket_of(epoch)
  return 'delayed:' .. epoch
end

local function tail_of_item(queue, at)
  local tail = ',"queue":' .. quoted(queue)
  if at % 1000000 > 0 then
    tail = tail .. string.format(',"run_at":%.0f.%06.0f', math.floor(at / 1000000), at % 1000000)
  end
  return tail
end

-- Any bytes as a JSON text that every reader takes: each byte is one letter.
local function quoted_bytes(bytes)
  return '"' .. bytes:gsub('[%z\1-\31"\\\127-\255]', function(byte)
    return string.format('\\u%04x', byte:byte())
  end) .. '"'
end

local function bytes_of(text)
  return (text:gsub('([\194\195])([\128-\191])', function(first, second)
    return string.char(second:byte() + (first == '\195' and 64 or 0))
  end))
end

local function item_of(queue, payload, at)
  local tail = tail_of_item(queue, at)
  if object_of(payload) and not payload:match('^{%s*}$') then
    return payload:sub(1, -2) .. tail .. '}'
  end
  return '{"class":null,"args":[]' .. tail .. ',"raw":' .. quoted_bytes(payload) .. '}'
end

-- Queue, payload and time of an item; nothing if it names no queue. One that is written otherwise than ours are is
-- its own payload: a worker ignores the member `queue`.
local function read_item(item, epoch)
  local body = object_of(item)
  if not body or type(body.queue) ~= 'string' or body.queue == '' then
    return nil
  end
  local exact = type(body.run_at) == 'number' and math.floor(body.run_at * 1000000 + 0.5) or 0
  for _, at in ipairs({epoch * 1000000, exact}) do
    local tail = tail_of_item(body.queue, at)
    local raw = type(body.raw) == 'string' and bytes_of(body.raw)
    if raw and item == '{"class":null,"args":[]' .. tail .. ',"raw":' .. quoted_bytes(raw) .. '}' then
      return body.queue, raw, at
    end
    if ends_with(item, tail .. '}') then
      return body.queue, item:sub(1, -#tail - 2) .. '}', at
    end
  end
  return body.queue, item, epoch * 1000000
end

-- The ids of equal items of a second, in their order: where their JSON does not say them.
local function names_of(epoch, item)
  local known = call('HGET', names_ .. epoch, item)
  return known and list_of(known)
end

local function keep_names(epoch, item, names)
  if #names == 0 then
    call('HDEL', names_ .. epoch, item)
  else
    call('HSET', names_ .. epoch, item, cjson.encode(names))
    -- Another program may take the items, and never look here.
    call('EXPIREAT', names_ .. epoch, digits(epoch + KEPT))
  end
end

-- The id of the n-th (from 1) of some equal items of a second, and whether it is made of its bytes only.
local function id_of_item(epoch, item, n)
  local names = names_of(epoch, item)
  if names and names[n or 1] then
    return names[n or 1], false
  end
  local own = own_id(item)
  return own or epoch .. '.' .. sha1(item), not own
end

-- Keep a job until that time in microseconds. The key of its second must be fit for it: see `takes_items`.
local function delay(id, queue, payload, at)
  local epoch = digits(math.floor(at / 1000000))
  local item = item_of(queue, payload, at)
  call('ZADD', schedule, epoch, epoch)
  if id_of_item(epoch, item) ~= id then
    local usual = own_id(item)
    local there = usual and call('ZSCORE', delayed, usual) == epoch
    local names = names_of(epoch, item) or (there and {usual} or {})
    names[#names + 1] = id
    keep_names(epoch, item, names)
  end
  call('ZADD', delayed, epoch, id)
  call('RPUSH', delayed_ .. epoch, item)
  call('SADD', timestamps_ .. item, bucket_of(epoch))
end

local function takes_items(at)
  return takes_elements(delayed_ .. digits(math.floor(at / 1000000)))
end

-- Drop the notes about an item that is taken out of its list.
local function forget_item(id, epoch, item)
  call('ZREM', delayed, id)
  call('SREM', retrying, id)
  local names = names_of(epoch, item) or {}
  for place, other in ipairs(names) do
    if other == id then
      table.remove(names, place)
      keep_names(epoch, item, names)
      break
    end
  end
  if #names == 0 then
    call('SREM', timestamps_ .. item, bucket_of(epoch))
  end
end

-- A second without items is none.
local function forget_empty(epoch)
  if call('EXISTS', delayed_ .. epoch) == 0 then
    call('ZREM', schedule, epoch)
  end
end

local function count_items(epoch)
  local size = redis.pcall('LLEN', delayed_ .. epoch)
  return type(size) == 'number' and size or 0
end

local function read_items(epoch, first, last)
  return count_items(epoch) > 0 and call('LRANGE', delayed_ .. epoch, first, last) or {}
end

-- The item of that id in the list of a second; of those that hold this text, or of all.
local function item_in(epoch, id, text)
  local times = {}
  for first = 0, count_items(epoch) - 1, 1000 do
    for _, item in ipairs(read_items(epoch, first, first + 999)) do
      if not text or item:find(text, 1, true) then
        times[item] = (times[item] or 0) + 1
        if id_of_item(epoch, item, times[item]) == id then
          return item
        end
      end
    end
  end
end

-- Second and item of a delayed job; nothing if the id is not delayed. A second may have a hundred thousand items, and
-- to read each as JSON takes a second: so first only those are read that say the id as we write it.
local function find_item(id)
  local epoch = call('ZSCORE', delayed, id) or id:match('^(%d+)%.')
  if not epoch then
    return nil
  end
  local item = call('EXISTS', names_ .. epoch) == 0 and item_in(epoch, id, '"id":' .. quoted(id)) or item_in(epoch, id)
  if item then
    return epoch, item
  end
end

-- Take an item out of its list. The first write, and one that is allowed when memory is full.
local function take_out(id, epoch, item)
  call('LREM', delayed_ .. epoch, 1, item)
  forget_item(id, epoch, item)
  forget_empty(epoch)
end

-- Let the job of an item that was taken out wait at the tail of its queue. One that only its bytes tell from others is
-- not noted, as if the program that delayed it had pushed it.
local function let_wait(id, queue, payload, now)
  local is_new = call('SADD', queues, queue)
  if id then
    note_waiting(id, queue, payload, false, now, now)
  end
  call('RPUSH', queue_ .. queue, payload)
  wake_one(queue, is_new)
end
