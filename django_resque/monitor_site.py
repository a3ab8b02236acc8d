"""`monitor_site`: an admin site that is the monitor and nothing else, for projects without the admin."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse

from django_resque.monitor.health import health_view
from django_resque.monitor.metrics_page import metrics_view
from django_resque.monitor.ruby_pages import RUBY_PAGES, stats_text
from django_resque.monitor.site import register


class MonitorSite(AdminSite):
    """The monitor's pages, with Ruby's addresses for them."""

    site_header = site_title = "Resque"
    index_title = "Overview"
    site_url = None
    enable_nav_sidebar = False

    def get_urls(self) -> list[Any]:
        """Ruby's addresses lead to the pages; they only ever answer a GET."""
        ruby = [path(f"{old}/", self._moved(page)) for old, page in RUBY_PAGES.items()]
        plain = [path(old, self._moved(page)) for old, page in RUBY_PAGES.items()]
        text = path("stats.txt", self.admin_view(stats_text), name="resque_stats_txt")
        metrics = path("metrics", metrics_view(self.admin_view), name="resque_metrics")
        health = path("healthz", health_view, name="resque_healthz")
        return [text, metrics, health, *ruby, *plain, *super().get_urls()]

    def index(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The overview."""
        return HttpResponseRedirect(reverse(f"{self.name}:resque_overview_changelist"))

    def _moved(self, page: str) -> Any:
        def moved(_request: HttpRequest, **_: str) -> HttpResponse:
            return HttpResponseRedirect(reverse(f"{self.name}:resque_{page}_changelist"))

        return self.admin_view(moved)


monitor_site = MonitorSite(name="resque_web")
register(monitor_site)
