"""The application `django_resque`: loads all jobs, and has `fn.enqueue` follow the settings."""

from importlib import import_module
from typing import Any

from django.apps import AppConfig, apps
from django.core import checks
from django.core.signals import setting_changed
from django.utils.module_loading import module_has_submodule

from django_resque.checks import check_settings, check_stores
from django_resque.conf import SHORT
from django_resque.monitor.option_checks import check_monitor
from django_resque.stores import resque, resques
from resque_core.default_app import set_default_app

#: Modules of applications that register jobs when they are imported.
JOB_MODULES = ("jobs", "tasks")
#: `manage.py check --tag resque` asks nothing but our own checks.
TAG = "resque"


class ResqueConfig(AppConfig):
    """Resque within a Django project."""

    name = "django_resque"
    label = "resque"
    verbose_name = "Resque"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Wire everything up. No store is touched."""
        checks.register(check_settings, TAG)
        checks.register(check_monitor, TAG)
        checks.register(check_stores, TAG, deploy=True)
        setting_changed.connect(_forget)
        set_default_app(resque)
        _load_jobs(self.name)


def _load_jobs(ours: str) -> None:
    # As `autodiscover_modules`, but for our own `tasks`: that needs what a project may not have.
    for app in apps.get_app_configs():
        for name in JOB_MODULES:
            if app.name != ours and module_has_submodule(app.module, name):
                import_module(f"{app.name}.{name}")


def _forget(setting: str, **_: Any) -> None:
    if setting in {"RESQUE", "BASE_DIR", *SHORT}:
        resques.close_all()
