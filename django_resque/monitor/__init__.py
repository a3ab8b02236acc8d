"""The monitor: pages on queues, workers and jobs, made of Django's admin and a `Resque`."""
