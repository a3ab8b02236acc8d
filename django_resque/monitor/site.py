"""`register`: the monitor's pages, for any admin site."""

from django.contrib.admin import AdminSite

from django_resque import models
from django_resque.monitor.batches import BatchAdmin
from django_resque.monitor.delayed import DelayedJobAdmin
from django_resque.monitor.failed import FailedJobAdmin
from django_resque.monitor.overview import OverviewAdmin
from django_resque.monitor.queues import QueueAdmin
from django_resque.monitor.schedule import ScheduleAdmin
from django_resque.monitor.stats import StatsAdmin
from django_resque.monitor.workers import WorkerAdmin
from django_resque.monitor.working import WorkingJobAdmin

PAGES = {
    models.Overview: OverviewAdmin,
    models.Queue: QueueAdmin,
    models.WorkingJob: WorkingJobAdmin,
    models.Worker: WorkerAdmin,
    models.FailedJob: FailedJobAdmin,
    models.DelayedJob: DelayedJobAdmin,
    models.Schedule: ScheduleAdmin,
    models.Batch: BatchAdmin,
    models.Stats: StatsAdmin,
}


def register(site: AdminSite) -> None:
    """Add every page to the site."""
    for model, page in PAGES.items():
        site.register(model, page)
