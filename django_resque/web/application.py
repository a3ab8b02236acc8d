"""`make_application`: Django set up for the monitor alone, without a project and without a database."""

import secrets
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application

from django_resque.web.options import WebOptions, is_loopback


def make_application(options: WebOptions) -> Any:
    """A WSGI application. Once in a process: Django's settings are set with it."""
    settings.configure(**settings_of(options))
    django.setup()
    return get_wsgi_application()


def settings_of(options: WebOptions) -> dict[str, Any]:
    """Django's settings."""
    return {
        # Sessions and messages are in signed cookies, which a restart may forget.
        "SECRET_KEY": secrets.token_urlsafe(40),
        "ALLOWED_HOSTS": _hosts(options),
        "ROOT_URLCONF": "django_resque.web.urls",
        "RESQUE": {"default": {"URL": options.url, "NAMESPACE": options.namespace, "ON_COMMIT": False}},
        "RESQUE_MONITOR": {"READ_ONLY": options.read_only},
        "RESQUE_WEB_AUTH": options.auth,
        "RESQUE_WEB_PREFIX": options.prefix.strip("/"),
        "USE_TZ": True,
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
