God.watch do |w|
  w.name     = "resque-pool"
  w.dir      = "/srv/shop"
  w.uid      = "shop"
  w.start    = ".venv/bin/resque pool --require shop.jobs --appname shop --daemon"
  w.pid_file = "/srv/shop/tmp/pids/resque-pool.pid"
  w.stop_signal  = "TERM"
  w.stop_timeout = 60
  w.keepalive
end
