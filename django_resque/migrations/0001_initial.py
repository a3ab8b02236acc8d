"""Permissions of the monitor's pages; their models have no tables."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies: list[tuple[str, str]] = []

    operations = [
        migrations.CreateModel(
            name="FailedJob",
            fields=[
                ("id", models.CharField(max_length=500, primary_key=True, serialize=False)),
            ],
            options={
                "verbose_name": "failed job",
                "verbose_name_plural": "failed",
                "managed": False,
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="Overview",
            fields=[
                ("id", models.CharField(max_length=500, primary_key=True, serialize=False)),
            ],
            options={
                "verbose_name": "overview",
                "verbose_name_plural": "overview",
                "permissions": (
                    ("view_arguments", "Can see arguments, error messages and backtraces of jobs"),
                    ("manage_jobs", "Can retry and remove jobs"),
                    ("manage_queues", "Can pause, resume, clear and delete queues"),
                    ("manage_workers", "Can quiet, stop and forget workers"),
                ),
                "managed": False,
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="Queue",
            fields=[
                ("id", models.CharField(max_length=500, primary_key=True, serialize=False)),
            ],
            options={
                "managed": False,
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="Stats",
            fields=[
                ("id", models.CharField(max_length=500, primary_key=True, serialize=False)),
            ],
            options={
                "verbose_name": "stats",
                "verbose_name_plural": "stats",
                "managed": False,
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="Worker",
            fields=[
                ("id", models.CharField(max_length=500, primary_key=True, serialize=False)),
            ],
            options={
                "managed": False,
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="WorkingJob",
            fields=[
                ("id", models.CharField(max_length=500, primary_key=True, serialize=False)),
            ],
            options={
                "verbose_name": "running job",
                "verbose_name_plural": "working",
                "managed": False,
                "default_permissions": ("view",),
            },
        ),
    ]
