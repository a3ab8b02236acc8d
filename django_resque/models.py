"""What the admin shows, as models without tables: they give pages their names, links and permissions."""

from typing import Any

from django.db import models


class MonitorModel(models.Model):
    """A row that came from a store; `record` is what the store said."""

    id = models.CharField(primary_key=True, max_length=500)
    record: Any = None

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.id)


class Overview(MonitorModel):
    """The page that has everything at a glance."""

    class Meta:
        managed = False
        default_permissions = ("view",)
        verbose_name = verbose_name_plural = "overview"
        permissions = (
            ("view_arguments", "Can see arguments, error messages and backtraces of jobs"),
            ("manage_jobs", "Can retry and remove jobs"),
            ("manage_queues", "Can pause, resume, clear and delete queues"),
            ("manage_workers", "Can quiet, stop and forget workers"),
        )


class Queue(MonitorModel):
    """A queue, by name."""

    class Meta:
        managed = False
        default_permissions = ("view",)


class WorkingJob(MonitorModel):
    """A job that runs, by the id of its worker."""

    class Meta:
        managed = False
        default_permissions = ("view",)
        verbose_name = "running job"
        verbose_name_plural = "working"


class Worker(MonitorModel):
    """A registered worker, by id."""

    class Meta:
        managed = False
        default_permissions = ("view",)


class FailedJob(MonitorModel):
    """A failure, by id."""

    class Meta:
        managed = False
        default_permissions = ("view",)
        verbose_name = "failed job"
        verbose_name_plural = "failed"


class DelayedJob(MonitorModel):
    """A job that waits for its time, by its id."""

    class Meta:
        managed = False
        default_permissions = ("view",)
        verbose_name = "delayed job"
        verbose_name_plural = "delayed"


class Schedule(MonitorModel):
    """A recurring entry, by name."""

    class Meta:
        managed = False
        default_permissions = ("view",)
        verbose_name = "recurring entry"
        verbose_name_plural = "schedule"


class Batch(MonitorModel):
    """Jobs that were enqueued together, by the id of the batch."""

    class Meta:
        managed = False
        default_permissions = ("view",)
        verbose_name_plural = "batches"


class Stats(MonitorModel):
    """The page of counters, and of what the store says of itself."""

    class Meta:
        managed = False
        default_permissions = ("view",)
        verbose_name = verbose_name_plural = "stats"
