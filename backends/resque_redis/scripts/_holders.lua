-- Which job keeps another one out.
--
-- KEYS claims_     see _claims.lua
-- include: _liveness

-- Another job that has the claim, or for which it was `taken` just now; unless this one waits or runs already.
-- A holder that does neither was taken off its queue by another program, and has nothing more to hold.
local function other_holder(id, key, taken, windows)
  local holder = taken[key] or holder_of(key)
  if not holder or holder == id or is_live(id, windows) then
    return nil
  end
  local certain = taken[key] or call('EXISTS', claims_ .. 'for:' .. key) == 1
  return (certain or is_live(holder, windows)) and holder or nil
end
