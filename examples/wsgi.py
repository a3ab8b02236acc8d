"""The monitor behind a WSGI server, with a name and a password: `gunicorn --chdir examples wsgi:application`.

Set RESQUE_URL to the store, and RESQUE_WEB_HTTP_BASIC_AUTH to `name:password`: it must be.
"""

from django_resque.wsgi import application

__all__ = ["application"]
