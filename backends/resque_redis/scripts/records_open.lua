-- Keep the notes of jobs that have none.
--
-- ARGV ...         id, milliseconds, about, latest, end; id, ...
-- Reply: 1.
-- include: _sequel

for place = REST, #ARGV, 5 do
  if call('EXISTS', records_ .. ARGV[place]) == 0 then
    keep_note(ARGV[place], ARGV[place + 1], ARGV[place + 2], ARGV[place + 3], ARGV[place + 4])
  end
end
return 1
