"""What a worker of Celery is started with: the jobs as tasks, on the Redis that `BENCH_CELERY` names."""

import os
from typing import Any

from celery import Celery
from rq_jobs import note_delay, note_time, nothing, swallow

app = Celery("bench", broker=os.environ.get("BENCH_CELERY"))
tasks: dict[str, Any] = {
    job.__name__: app.task(job, name=job.__name__) for job in (nothing, note_time, note_delay, swallow)
}
