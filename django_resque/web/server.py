"""`serve`: runs `resque web` until it is stopped. waitress if it is installed, else what Python has."""

import logging
import socketserver
import sys
import webbrowser
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django_resque.web.application import make_application
from django_resque.web.options import WebOptions
from resque_core.errors import SettingsError

try:
    from waitress.server import create_server
except ImportError:
    create_server = None

log = logging.getLogger("resque")


def serve(options: WebOptions, *, launch: bool) -> None:
    """Listen, say where, show it in a browser if `launch`, and answer until ctrl-c.

    :raises SettingsError: nobody can listen there.
    """
    server = _server(make_application(options), options)
    host = f"[{options.host}]" if ":" in options.host else options.host
    address = f"http://{host}:{options.port}/{options.prefix.strip('/')}"
    sys.stdout.write(f"Resque's monitor is at {address}\n")
    sys.stdout.flush()
    if launch:
        webbrowser.open(address)
    server()


def _server(application: Any, options: WebOptions) -> Any:
    try:
        return _listening(application, options)
    except OSError as error:
        raise SettingsError(
            f"--host {options.host} --port {options.port}: cannot listen there: {error.strerror or error}. "
            f"Give another port, or an address of this machine."
        ) from None


def _listening(application: Any, options: WebOptions) -> Any:
    if create_server is not None:
        return create_server(application, host=options.host, port=options.port, ident=None).run
    plain = make_server(options.host, options.port, application, _Threads, _Quiet)
    return plain.serve_forever


class _Threads(socketserver.ThreadingMixIn, WSGIServer):
    """A browser asks for several files at once."""

    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    """Only what is wrong is worth a line."""

    def log_request(self, code: Any = "-", size: Any = "-") -> None:
        """Nothing."""
