-- Move an item that is no job to the failed list.
--
-- ARGV epoch       its second
-- ARGV item        its bytes
-- ARGV failure     id of the failure
-- ARGV entry       the element of the failed list
-- Reply: 1; 0 if it is not there any more.
-- include: _delayed
-- include: _failures

if not takes_elements(failed) or not takes_items(epoch * 1000000) then
  return 0
end
if call('LREM', delayed_ .. epoch, 1, item) == 0 then
  return 0
end
forget_item(id_of_item(epoch, item), epoch, item)
forget_empty(epoch)
add_failure(failure, entry, read_clock())
return 1
