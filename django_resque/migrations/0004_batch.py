"""The page of batches, and the permission to see it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: list[tuple[str, str]] = [("resque", "0003_schedule")]

    operations = [
        migrations.CreateModel(
            name="Batch",
            fields=[
                ("id", models.CharField(max_length=500, primary_key=True, serialize=False)),
            ],
            options={
                "verbose_name_plural": "batches",
                "managed": False,
                "default_permissions": ("view",),
            },
        ),
    ]
