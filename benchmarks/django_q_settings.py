"""A Django project for django-q2, whose cluster keeps its jobs in the MongoDB that `BENCH_DJANGO_Q` names."""

import os

SECRET_KEY = "a benchmark has none"
INSTALLED_APPS = ["django.contrib.contenttypes", "django_q"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
USE_TZ = True
# One worker; no results and no schedule, which would need a database besides.
Q_CLUSTER = {
    "name": "bench",
    "workers": 1,
    "mongo": {"host": os.environ.get("BENCH_DJANGO_Q", "mongodb://localhost/bench")},
    "mongo_db": "bench_django_q",
    "save_limit": -1,
    "scheduler": False,
    "log_level": "ERROR",
    "timeout": 60,
    "retry": 120,
}
