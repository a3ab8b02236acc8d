"""`PageAdmin`: a page of the monitor that is not a list."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from django_resque.monitor.base import MonitorAdmin


class PageAdmin(MonitorAdmin):
    """A page that is not a list."""

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The page, for those who may see it."""
        self.refuse_strangers(request)
        return self.when_down(self.show)(request)

    def refuse_strangers(self, request: HttpRequest) -> None:
        """Nothing of it is for others.

        :raises PermissionDenied: the user may not see this page.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied

    def show(self, request: HttpRequest) -> HttpResponse:
        """The page itself."""
        raise NotImplementedError
