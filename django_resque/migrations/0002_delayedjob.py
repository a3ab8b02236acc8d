"""The page of delayed jobs, and the permission to see it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: list[tuple[str, str]] = [("resque", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="DelayedJob",
            fields=[
                ("id", models.CharField(max_length=500, primary_key=True, serialize=False)),
            ],
            options={
                "verbose_name": "delayed job",
                "verbose_name_plural": "delayed",
                "managed": False,
                "default_permissions": ("view",),
            },
        ),
    ]
