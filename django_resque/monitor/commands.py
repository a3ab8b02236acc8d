"""Everything that the monitor changes, in one place: rights, the read-only switch, the change, the audit."""

import logging
from collections.abc import Callable
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import connections
from django.dispatch import Signal
from django.http import HttpRequest

from django_resque.conf import DEFAULT_ALIAS
from django_resque.monitor.instance import shown_alias
from django_resque.monitor.options import allowed_by_project, read_only
from django_resque.monitor.source import forget_snapshot
from resque_core.display import one_line

log = logging.getLogger("resque.audit")

#: Sent after each command: `request`, `verb`, `target` and `outcome`.
monitor_action = Signal()

#: As `django.contrib.admin.models` has them.
CHANGE, DELETION = 2, 3
_DELETES = ("remove", "clear", "delete", "forget")


def may(request: HttpRequest, right: str) -> bool:
    """Whether the user may change what this right is about: `jobs`, `queues` or `workers`."""
    return not read_only() and bool(request.user.has_perm(f"resque.manage_{right}"))


def carry_out(request: HttpRequest, right: str, verb: str, row: Any, call: Callable[[], str]) -> str:
    """Do what `call` does, if the user may, and write down who did it. Returns its outcome, in words.

    :raises PermissionDenied: the user may not, or nothing may be changed here.
    """
    if read_only():
        raise PermissionDenied("This monitor is read-only.")
    if not may(request, right) or not allowed_by_project(request, verb, str(row)):
        raise PermissionDenied(f"You may not {verb} this.")
    try:
        outcome = call()
    finally:
        forget_snapshot()
    _audit(request, verb, row, outcome)
    return outcome


def _audit(request: HttpRequest, verb: str, row: Any, outcome: str) -> None:
    target = one_line(row)
    facts = {"user": str(request.user), "ip": request.META.get("REMOTE_ADDR", ""), "verb": verb}
    facts["alias"] = shown_alias()
    log.info("%s: %s %s: %s", facts["user"], verb, target, outcome, extra=facts | {"target": target})
    # The operator of `resque web` is no user of a database, and there may be none.
    if request.user.pk and connections.settings["default"]["ENGINE"] != "django.db.backends.dummy":
        _log_entry(request, verb, row, outcome)
    monitor_action.send(type(row), request=request, verb=verb, target=target, outcome=outcome)


def _log_entry(request: HttpRequest, verb: str, row: Any, outcome: str) -> None:
    # The admin's history, where there is one: `resque web` has no database.
    from django.contrib.admin.models import LogEntry

    LogEntry.objects.create(
        user_id=request.user.pk,
        content_type_id=ContentType.objects.get_for_model(type(row)).pk,
        object_id=str(row.pk),
        object_repr=one_line(row),
        action_flag=DELETION if verb in _DELETES else CHANGE,
        change_message=f"{verb}: {outcome}{_where()}",
    )


def _where() -> str:
    """The alias, where it is not the one that everybody means."""
    return "" if shown_alias() == DEFAULT_ALIAS else f" ({shown_alias()})"
