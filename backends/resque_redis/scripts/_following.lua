-- Reading the sequel of a job's end. Most have none: what it takes is made only then.

-- Nothing for an empty one. Else an error, if a job to follow could not wait, to be asked before the job that it follows
-- is touched; or nothing and the function that carries it out.
local function read_sequel(sequel)
  if sequel == '' then
    return nil
  end
  -- include: _sequel
  local parts = parts_of(sequel)
  return obstacle_to(parts), function(id, now)
    follow(id, parts, now)
  end
end
