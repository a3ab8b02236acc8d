"""Resque for Django: settings, checks, management commands, and jobs that are enqueued at commit.

Add `django_resque` to INSTALLED_APPS. `resque` is the `Resque` of the alias `default`, `resques["eu"]`
that of another one; both are made from the settings when they are first used.
"""

from django_resque.stores import resque, resques

__all__ = ["resque", "resques"]
