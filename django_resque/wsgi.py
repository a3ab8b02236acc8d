"""`gunicorn django_resque.wsgi:application`: `resque web` by environment variables alone.

RESQUE_URL and RESQUE_NAMESPACE name the store, RESQUE_WEB_HTTP_BASIC_AUTH who comes in (`name:password`);
RESQUE_WEB_INSECURE=1 lets everybody in, for a server that asks by itself; with RESQUE_MONITOR_READ_ONLY=1
nothing can be changed.
"""

import os

from django_resque.web.application import make_application
from django_resque.web.options import WebOptions, environ_auth
from resque_core.settings import find_namespace, find_store

_store = find_store(None, os.environ)

application = make_application(
    WebOptions(
        url=_store.url,
        namespace=find_namespace(_store.namespace, os.environ),
        host="0.0.0.0",  # noqa: S104 - where the server listens is not known here: so it must ask who comes
        auth=environ_auth(os.environ),
        insecure=os.environ.get("RESQUE_WEB_INSECURE", "") not in {"", "0"},
    )
)
