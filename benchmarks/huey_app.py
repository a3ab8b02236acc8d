"""What a consumer of Huey is started with: `huey_app.huey`."""

from huey_jobs import worker

huey = worker()
