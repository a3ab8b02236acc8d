"""What `resque web` finds by its entry point: from words to a running server."""

import os
from typing import Any

from django_resque.web.options import WebOptions, environ_auth
from django_resque.web.server import serve


def run(said: dict[str, Any], *, launch: bool) -> None:
    """Serve the monitor as the command was told.

    :raises SettingsError: a value cannot be used.
    """
    auth = said.pop("auth") or environ_auth(os.environ)
    serve(WebOptions(auth=auth, **said), launch=launch)
