"""The page of recurring entries, and the permission to see it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: list[tuple[str, str]] = [("resque", "0002_delayedjob")]

    operations = [
        migrations.CreateModel(
            name="Schedule",
            fields=[
                ("id", models.CharField(max_length=500, primary_key=True, serialize=False)),
            ],
            options={
                "verbose_name": "recurring entry",
                "verbose_name_plural": "schedule",
                "managed": False,
                "default_permissions": ("view",),
            },
        ),
    ]
