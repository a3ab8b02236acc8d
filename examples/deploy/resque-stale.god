# Load it beside resque-pool.god. It ends jobs that run for too long, by what `ps` shows:
#   resque-0.1.0: Forked 4712 at 1795642839                     a worker, since when it has its job
#   resque-0.1.0: Processing mail since 1795642839 [Mailer]     the process of that job
# The worker is asked first: its job fails, and it goes on with the next. A job that still runs after
# twice the time has a worker that does not hear; then its process is killed.
STALE_AFTER = 60 * 60 # seconds
STALE_LINE = /^\s*(\d+)\s+\S*resque-\d\S*: (Forked|Processing) .*?(?:at|since) (\d{9,})(?: \[.*\])?$/

def end_job(signal, pid)
  Process.kill(signal, pid)
rescue SystemCallError
  # It has ended meanwhile, or is not ours: the others are looked at all the same.
end

Thread.new do
  loop do
    `ps -e -ww -o pid= -o command=`.each_line do |line|
      pid, what, since = line.chomp.match(STALE_LINE)&.captures
      age = Time.now.to_i - since.to_i
      if what == "Forked" && age >= STALE_AFTER
        end_job("USR1", pid.to_i)
      elsif what == "Processing" && age >= 2 * STALE_AFTER
        end_job("KILL", pid.to_i)
      end
    end
    sleep 30
  end
end
