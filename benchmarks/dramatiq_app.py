"""What a worker of Dramatiq is started with: the jobs as actors, on the Redis that `BENCH_DRAMATIQ` names."""

import os

from dramatiq_jobs import actors_of, open_broker

actors_of(open_broker(os.environ["BENCH_DRAMATIQ"]))
