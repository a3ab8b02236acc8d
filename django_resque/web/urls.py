"""The addresses of `resque web`: the monitor, and its own static files."""

from django.conf import settings
from django.contrib.staticfiles.views import serve
from django.http import HttpRequest, HttpResponse
from django.urls import path

from django_resque.monitor_site import monitor_site

prefix = f"{settings.RESQUE_WEB_PREFIX}/".lstrip("/")


def static_file(request: HttpRequest, name: str) -> HttpResponse:
    """A style sheet or a script of ours or of the admin's."""
    response: HttpResponse = serve(request, name, insecure=True)
    response["Cache-Control"] = "max-age=3600"
    return response


urlpatterns = [
    path(f"{prefix}static/<path:name>", static_file),
    path(prefix, monitor_site.urls),
]
