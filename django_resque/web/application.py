"""`make_application`: Django set up for the monitor alone, without a project or within one."""

import secrets
from pathlib import Path
from typing import Any

import django
from django.apps import apps
from django.conf import global_settings, settings
from django.core.wsgi import get_wsgi_application
from django.test.utils import override_settings

from django_resque.conf import SHORT
from django_resque.web.local_zone import local_zone
from django_resque.web.options import WebOptions, is_loopback

#: What of a project's settings is about its own pages, and not about those of the monitor.
OF_PAGES = ("SECURE_", "SESSION_", "CSRF_", "MESSAGE_", "STATIC", "STORAGES", "LOGIN_", "APPEND_SLASH")
#: What of the settings for the monitor alone a project has of its own: its jobs, its databases, its clock.
OF_PROJECTS = ("INSTALLED_APPS", "DATABASES", "DEFAULT_AUTO_FIELD", "USE_TZ", "TIME_ZONE", "RESQUE_WEB_ALONE")


def make_application(options: WebOptions) -> Any:
    """A WSGI application. Once in a process: Django's settings are set with it."""
    if settings.configured:
        override_settings(**_within_project(settings_of(options))).enable()
    else:
        settings.configure(**settings_of(options))
        django.setup()
    return get_wsgi_application()


def _within_project(ours: dict[str, Any]) -> dict[str, Any]:
    """What is to be different where a project is loaded: in a process that does nothing but this."""
    of_pages = [name for name in dir(global_settings) if name.startswith(OF_PAGES)]
    monitor = {**(getattr(settings, "RESQUE_MONITOR", None) or {})}
    monitor["READ_ONLY"] = ours["RESQUE_MONITOR"]["READ_ONLY"] or monitor.get("READ_ONLY", False)
    missing = [app for app in ours["INSTALLED_APPS"] if app not in {it.name for it in apps.get_app_configs()}]
    return {
        **{name: getattr(global_settings, name) for name in of_pages},
        **{name: value for name, value in ours.items() if name not in OF_PROJECTS},
        **dict.fromkeys(SHORT),
        **({"INSTALLED_APPS": [*settings.INSTALLED_APPS, *missing]} if missing else {}),
        "RESQUE_MONITOR": monitor,
    }


def settings_of(options: WebOptions) -> dict[str, Any]:
    """Django's settings."""
    return {
        # Sessions and messages are in signed cookies, which a restart may forget.
        "SECRET_KEY": secrets.token_urlsafe(40),
        "ALLOWED_HOSTS": _hosts(options),
        "ROOT_URLCONF": "django_resque.web.urls",
        "RESQUE": {"default": _store_of(options)},
        "RESQUE_MONITOR": {"READ_ONLY": options.read_only},
        "RESQUE_WEB_ALONE": True,
        "RESQUE_WEB_AUTH": options.auth,
        "RESQUE_WEB_PREFIX": options.prefix.strip("/"),
        "USE_TZ": True,
        "TIME_ZONE": local_zone(),
        "DATABASES": {},
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "SESSION_ENGINE": "django.contrib.sessions.backends.signed_cookies",
        "MESSAGE_STORAGE": "django.contrib.messages.storage.cookie.CookieStorage",
        "STATIC_URL": f"{options.prefix.strip('/')}/static/".lstrip("/"),
        "INSTALLED_APPS": [
            "django.contrib.admin",
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "django.contrib.messages",
            "django.contrib.staticfiles",
            "django_resque",
        ],
        "MIDDLEWARE": [
            "django.middleware.security.SecurityMiddleware",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django_resque.web.operator.Door",
            "django.contrib.messages.middleware.MessageMiddleware",
            "django.middleware.clickjacking.XFrameOptionsMiddleware",
        ],
        "TEMPLATES": [_templates()],
    }


def _store_of(options: WebOptions) -> dict[str, Any]:
    store: dict[str, Any] = {"URL": options.url, "NAMESPACE": options.namespace, "ON_COMMIT": False}
    return store | ({"BACKEND": options.backend} if options.backend else {})


def _hosts(options: WebOptions) -> list[str]:
    # Whoever binds to all addresses is reached by names that only they know.
    names = ["localhost", "127.0.0.1", "[::1]"] if is_loopback(options.host) else [options.host]
    everywhere = options.host in {"0.0.0.0", "::", ""}  # noqa: S104 - it is refused without auth
    return ["*"] if everywhere and not options.hosts else [*names, *options.hosts]


def _templates() -> dict[str, Any]:
    return {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [str(Path(__file__).parent / "templates")],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
