"""Puts the monitor's pages into the project's admin."""

from django.contrib import admin

from django_resque.monitor.site import register

register(admin.site)
