-- Forget a worker, unless it holds a job.
--
-- ARGV worker      its id
-- Reply: 1; 0 if it holds a job.
-- include: _clock
-- include: _workers

if call('EXISTS', worker_ .. worker) == 1 then
  return 0
end
forget_worker(worker, read_clock())
return 1
