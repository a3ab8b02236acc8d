-- Dropping a job as done, or a bundle, and counting it.
--
-- include: _following
-- include: _timings

-- An error, if what is not done of a bundle could not wait; or nothing and the function that drops and counts what is
-- done, and puts back the rest.
local function read_bundle_done(worker, ending, record, id, queue, spells, now)
  -- include: _bundles
  -- include: _spells
  local bundle, at = whole_bundle(worker, ending, queue, id, ''), read_times(record)
  -- Who says no spells knows of no bundle, and is done with its head.
  local times = spells ~= '' and cjson.decode(spells) or {0, now - (at or now)}
  local done = done_of(spells, times, #bundle.ids)
  return done and obstacle_to_bundle(bundle, done), function()
    call('DEL', worker_ .. worker)
    local since = take_bundle(worker, bundle)
    if done then
      put_back(bundle, done, since, now)
    end
    end_all(bundle, times)
    count_done(worker, bundle, at, now, times, since)
  end
end

-- 1; 0 for a stale token (given as JSON), or an error, and nothing changed; and whether that token held the job until now.
-- `spells`: see _spells.lua; of a job that is alone they are not read.
local function complete(worker, token, id, queue, sequel, spells, now)
  local record = holds(worker, token)
  if not record then
    return settled_before(worker, token)
  end
  local problem, carry_out = read_sequel(sequel)
  local unfit, drop_bundle = nil, nil
  local ending = ',"token":' .. token .. '}'
  if is_bundle(record, ending) then
    unfit, drop_bundle = read_bundle_done(worker, ending, record, id, queue, spells, now)
  end
  if problem or unfit then
    return problem or unfit
  end
  if drop_bundle then
    drop_bundle()
  else
    local since = take_from(worker, id, token)
    end_claim(id, 'ended')
    local at, rescued = read_times(record)
    if rescued ~= '0' then
      call('HDEL', rescues, id)
    end
    count('processed', now, worker)
    count_times(queue, at, since, now)
  end
  call('HSET', settled, worker, token)
  if carry_out then
    carry_out(id, now)
  end
  return 1, true
end
