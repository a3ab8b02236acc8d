"""`monitor_site`: an admin site that is the monitor and nothing else; and one for each other alias."""

import re
from functools import cache, wraps
from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse

from django_resque.conf import DEFAULT_ALIAS, aliases
from django_resque.monitor.health import health_view
from django_resque.monitor.instance import showing, site_name
from django_resque.monitor.metrics_page import metrics_view
from django_resque.monitor.ruby_pages import RUBY_PAGES, new_address, stats_text
from django_resque.monitor.site import register
from resque_core.errors import SettingsError


class MonitorSite(AdminSite):
    """The monitor's pages of one alias, with Ruby's addresses for them."""

    site_header = site_title = "Resque"
    index_title = "Overview"
    site_url = None
    enable_nav_sidebar = False

    def __init__(self, alias: str) -> None:
        super().__init__(site_name(alias))
        self.resque_alias = alias
        register(self)

    def get_urls(self) -> list[Any]:
        """Ruby's addresses lead to the pages; they only ever answer a GET."""
        ruby = [path(f"{old}/", self._moved(page)) for old, page in RUBY_PAGES.items()]
        plain = [path(old, self._moved(page)) for old, page in RUBY_PAGES.items()]
        text = path("stats.txt", self._own(self.admin_view(stats_text)), name="resque_stats_txt")
        metrics = path("metrics", self._own(metrics_view(self.admin_view)), name="resque_metrics")
        health = path("healthz", self._own(health_view), name="resque_healthz")
        return [text, metrics, health, *ruby, *plain, *super().get_urls()]

    def index(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The overview."""
        return HttpResponseRedirect(reverse(f"{self.name}:resque_overview_changelist"))

    def _moved(self, page: str) -> Any:
        def moved(_request: HttpRequest, name: str = "") -> HttpResponse:
            return HttpResponseRedirect(new_address(self.name, page, name))

        return self.admin_view(moved)

    def _own(self, view: Any) -> Any:
        @wraps(view)
        def answer(request: HttpRequest) -> HttpResponse:
            with showing(self.resque_alias):
                response: HttpResponse = view(request)
                return response

        return answer


monitor_site = MonitorSite(DEFAULT_ALIAS)
#: One for each alias, made once.
site_of = cache(lambda alias: monitor_site if alias == DEFAULT_ALIAS else MonitorSite(alias))


def monitor_urls() -> list[Any]:
    """The site of `default`, and below `at/ALIAS/` that of each other alias that an address can have."""
    try:
        others = [it for it in aliases() if it != DEFAULT_ALIAS and re.fullmatch(r"[\w-]+", it)]
    except SettingsError:
        # The pages say what is wrong with the settings.
        others = []
    return [*(path(f"at/{it}/", site_of(it).urls) for it in others), path("", monitor_site.urls)]
