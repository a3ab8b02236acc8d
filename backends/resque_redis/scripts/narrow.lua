-- Drop what is done of a bundle, and let one of its jobs be the only one that its worker holds, under a new token.
--
-- ARGV worker      id of the worker that holds it
-- ARGV token       of the reservation, as JSON
-- ARGV id          of its head
-- ARGV queue       that it was taken from
-- ARGV payload     the head's bytes
-- ARGV spells      see _spells.lua
-- ARGV job         id of the one that is held from now on
-- ARGV fresh       the new token, as JSON
-- Reply: {the record that the worker has then}; {} for a stale token.
-- include: _clock
-- include: _ids
-- include: _settlement
-- include: _taking
-- include: _bundles
-- include: _spells

local record, now = call('GET', worker_ .. worker), read_clock()
local old, new = ',"token":' .. token .. '}', ',"token":' .. fresh .. '}'
if ends_with(record, new) then
  return {record}
end
if not ends_with(record, old) then
  return {}
end
local bundle = whole_bundle(worker, old, queue, id, payload)
local place = nil
for each, other in ipairs(bundle.ids) do
  place = place or other == job and each
end
if not place then
  return {}
end
local times = spells ~= '' and cjson.decode(spells) or {}
times[2 * place - 1], times[2 * place] = false, false
local leaving = {}
for each = 1, #bundle.ids do
  leaving[each] = each == place or times[2 * each]
end
local unfit = obstacle_to_bundle(bundle, leaving)
if unfit then
  return unfit
end

local at, rescued = read_times(record)
local text, since = payloads_of(bundle)[place], take_bundle(worker, bundle)
put_back(bundle, leaving, since, now)
end_all(bundle, times)
count_done(worker, bundle, at, now, times, since)
-- It began when the last one before it had ended; by our clock, which may be behind the worker's.
local begins = at or now
for each = 1, #bundle.ids do
  begins = math.max(begins, math.min(now, (at or now) + (times[2 * each] or 0)))
end
record = record_of(queue, job, text, begins, digits(begins), rescued or '0', '}' .. new)
call('SET', worker_ .. worker, record)
call('HSET', ids, job, 'r' .. digits(since[place] or begins) .. '\n' .. new .. '\n' .. worker)
call('HSET', settled, worker, token)
return {record}
