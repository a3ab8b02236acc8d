-- Bundles whose worker holds no job any more: another program deleted its record, as Ruby's workers do when they prune.
--
-- KEYS bundles     see _bundles.lua

-- Whether a worker's record, or none, is that of a job with which nothing came along.
local function is_orphan(record)
  return not (record and record:find(',"along":true},"token":', 1, true))
end

-- Let what is kept for such a worker wait again, each job with one rescue more: any of them may have begun. If it cannot
-- wait, it stays.
local function give_back(worker, now)
  if call('HEXISTS', bundles, worker) == 0 then
    return 0
  end
  -- include: _bundles
  local bundle = kept_bundle(worker)
  if not bundle then
    return call('HDEL', bundles, worker)
  end
  if obstacle_to_bundle(bundle, {}) then
    return 0
  end
  put_back(bundle, {}, take_bundle(worker, bundle), now, true)
  return 1
end
