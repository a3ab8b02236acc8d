"""`MonitorAdmin`: what all pages share: who may see them, the tabs, and the page of a store that is down."""

from collections.abc import Callable, Mapping
from functools import partial, wraps
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from django_resque.monitor.commands import carry_out, may
from django_resque.monitor.instance import alias_of, other_instances, resque, showing, shown_alias
from django_resque.monitor.live import unless_same
from django_resque.monitor.markup import format_html
from django_resque.monitor.options import option, read_only
from django_resque.monitor.search_time import time_of
from django_resque.monitor.source import snapshot
from resque_core.display import one_line
from resque_core.errors import ResqueError, SettingsError, StorageError
from resque_core.records import Overview

View = Callable[..., HttpResponse]


def delayed(now: Overview) -> str:
    """How many jobs are delayed, or how many at least."""
    return f"{now.delayed}+" if now.more_delayed else str(now.delayed)


#: The pages, in the order of the tabs: model, title, and what the tab counts.
TABS = (
    ("overview", "Overview", None),
    ("queue", "Queues", None),
    ("workingjob", "Working", lambda now: len(now.working)),
    ("worker", "Workers", None),
    ("failedjob", "Failed", lambda now: now.failed),
    ("delayedjob", "Delayed", delayed),
    ("schedule", "Schedule", None),
    ("batch", "Batches", None),
    ("stats", "Stats", None),
)

#: The key that goes to a page, after a `g`.
KEYS = {
    "overview": "o",
    "queue": "q",
    "workingjob": "w",
    "worker": "k",
    "failedjob": "f",
    "delayedjob": "d",
    "schedule": "c",
    "batch": "b",
    "stats": "s",
}


class MonitorAdmin(admin.ModelAdmin):
    """An admin of a model without a table."""

    #: What a page is called, and the right that its commands need.
    title: str
    right: str = "jobs"
    #: Verbs of single rows: each is a view that takes POST alone, and a method of this class.
    verbs: ClassVar[tuple[str, ...]] = ()
    #: Those of them whose methods take what a form says, too.
    verbs_with_form: ClassVar[tuple[str, ...]] = ()
    change_list_template = "resque/list.html"
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    list_max_show_all = 200
    list_display_links = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nothing is added by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """No form changes anything: commands do."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """As for changes."""
        return False

    def has_manage_permission(self, request: HttpRequest) -> bool:
        """Whether the user may give the commands of this page; actions ask for it as `manage`."""
        return may(request, self.right)

    @admin.display(description=getattr(admin.ModelAdmin.action_checkbox, "short_description", ""))
    def action_checkbox(self, obj: Any) -> str:
        """As the admin's own, without a form's field and a template for each of fifty rows."""
        return format_html(
            '<input type="checkbox" name="{}" value="{}" class="action-select" aria-label="Select {}">',
            *(ACTION_CHECKBOX_NAME, obj.pk, obj.pk),
        )

    def get_urls(self) -> list[Any]:
        """The commands, the list and its rows. Nothing is added, and history is of no table."""
        name = self.model._meta.model_name
        commands = [
            path(f"<path:key>/{verb}/", self.wrapped(self._command(verb)), name=f"resque_{name}_{verb}")
            for verb in self.verbs
        ]
        unwanted = {f"resque_{name}_{view}" for view in ("add", "history", "delete")}
        return [*commands, *(one for one in super().get_urls() if one.name not in unwanted)]

    def wrapped(self, view: View) -> View:
        """A view behind the admin's log-in, which answers when the store is down, too."""
        guarded: View = self.admin_site.admin_view(self.when_down(view))
        return wraps(view)(guarded)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The page, or what is shown while the store is down."""
        listed = super().changelist_view
        return self.when_down(
            lambda request: listed(request, extra_context=self.context(request, extra_context))
        )(request)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The page of one row, where there is one."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self.when_down(self.detail)(request, unquote(object_id))

    def detail(self, request: HttpRequest, key: str) -> HttpResponse:
        """The page of one row; without one, the list."""
        return HttpResponseRedirect(self.list_url())

    def context(self, request: HttpRequest, more: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """What the templates of all pages need, besides what the admin gives to each of its own."""
        return {
            "title": self.title,
            "opts": self.model._meta,
            "resque_page": self.model._meta.model_name,
            "environment": option("ENVIRONMENT"),
            **self._instances(),
            "live_floor": option("MIN_INTERVAL"),
            "read_only": read_only(),
            "may_manage": self.has_manage_permission(request),
            "may_see_arguments": may_see_arguments(request),
            "tabs": tabs(request, self.admin_site.name),
            "resque_site": self.admin_site.name,
            **(more or {}),
        }

    def page(self, request: HttpRequest, template: str, **context: Any) -> TemplateResponse:
        """A page of ours."""
        request.current_app = self.admin_site.name
        shared = self.admin_site.each_context(request)
        return TemplateResponse(request, template, {**shared, **self.context(request, context)})

    def list_url(self) -> str:
        """The address of the list."""
        return reverse(f"{self.admin_site.name}:resque_{self.model._meta.model_name}_changelist")

    def missing(self, request: HttpRequest, key: str) -> HttpResponse:
        """Back to the list: what somebody wanted to see or change is gone."""
        name = self.model._meta.verbose_name
        text = f"The {name} {one_line(key, 80)} is gone: somebody else was faster."
        self.message_user(request, text, messages.INFO)
        return HttpResponseRedirect(self.list_url())

    def each(self, request: HttpRequest, rows: Any, verb: str) -> HttpResponse | None:
        """Do it to each row; None, as an action that goes back to its list returns."""
        for row in rows:
            outcome = carry_out(request, self.right, verb, row, partial(getattr(self, verb), row.pk))
            self.message_user(request, outcome, messages.SUCCESS)
        return None

    def _command(self, verb: str) -> View:
        call: Callable[..., str] = getattr(self, verb)

        @require_POST
        def command(request: HttpRequest, key: str) -> HttpResponse:
            key = unquote(key)
            row = self.model(id=key)
            said = (request.POST,) if verb in self.verbs_with_form else ()
            outcome = carry_out(request, self.right, verb, row, partial(call, key, *said))
            self.message_user(request, outcome, messages.SUCCESS)
            return HttpResponseRedirect(self._next(request))

        return command

    def _next(self, request: HttpRequest) -> str:
        wanted = request.POST.get("next", "")
        safe = url_has_allowed_host_and_scheme(
            wanted, {request.get_host()}, require_https=request.is_secure()
        )
        return wanted if wanted and safe else self.list_url()

    def when_down(self, view: View) -> View:
        """`view`, which answers 503 with the reason when the store cannot be read."""

        @never_cache
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            with showing(alias_of(self.admin_site)):
                spent = time_of(request)
                try:
                    response = view(request, *args, **kwargs)
                    # Lists are read while the template is rendered.
                    response = rendered(response) if isinstance(response, TemplateResponse) else response
                    spent.end()
                except (StorageError, SettingsError) as error:
                    return self._down(request, error)
                return unless_same(request, response)

        return answer

    def _instances(self) -> dict[str, Any]:
        others = other_instances(str(self.model._meta.model_name))
        return {"instance": shown_alias(), "other_instances": others}

    def _down(self, request: HttpRequest, error: ResqueError) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": "The store does not answer",
            "opts": self.model._meta,
            **self._instances(),
            "place": resque.location if isinstance(error, StorageError) else "",
            "reason": one_line(error, 500),
        }
        request.current_app = self.admin_site.name
        response = TemplateResponse(request, "resque/down.html", context, status=503)
        response["Retry-After"] = "5"
        return rendered(response)


def rendered(response: TemplateResponse) -> HttpResponse:
    """The response as it is sent. Bytes that were no text are shown as escapes: they cannot be encoded."""
    response.content = response.rendered_content.encode(response.charset, "backslashreplace")
    return response


def may_see_arguments(request: HttpRequest) -> bool:
    """Whether arguments, messages and backtraces are shown to this user."""
    return bool(request.user.has_perm("resque.view_arguments"))


def tabs(request: HttpRequest, site: str) -> list[dict[str, Any]]:
    """The pages that this user may see, with what they count.

    :raises StorageError: the store cannot be reached.
    """
    now = snapshot()
    return [
        {
            "name": name,
            "title": title,
            "url": reverse(f"{site}:resque_{name}_changelist"),
            "count": count(now) if count else None,
            "key": KEYS[name],
        }
        for name, title, count in TABS
        if request.user.has_perm(f"resque.view_{name}")
    ]
