-- Delete delayed jobs.
--
-- ARGV ...         ids
-- Reply: how many there were.
-- include: _delayed

local deleted = 0
for place = REST, #ARGV do
  local epoch, item = find_item(ARGV[place])
  if item then
    take_out(ARGV[place], epoch, item)
    end_claim(ARGV[place], 'deleted')
    call('HDEL', rescues, ARGV[place])
    deleted = deleted + 1
  end
end
return deleted
