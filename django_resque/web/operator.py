"""The one user of `resque web`: whoever passes its door. Neither of them is in a database."""

import base64
import hmac
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

#: Nothing of the pages is written into them, and nobody shows them within pages of theirs.
POLICY = "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'"

View = Callable[[HttpRequest], HttpResponse]


class Operator:
    """May see and do everything; what is read-only stays so."""

    pk = id = None
    is_active = is_staff = is_authenticated = True
    is_anonymous = is_superuser = False

    def __init__(self, name: str) -> None:
        self.name = name

    def __str__(self) -> str:
        return self.name

    get_username = get_short_name = get_full_name = __str__

    def has_perm(self, permission: str, obj: Any = None) -> bool:
        """Every permission."""
        return True

    has_perms = has_module_perms = has_perm

    def has_usable_password(self) -> bool:
        """There is none to change."""
        return False


class Door:
    """Middleware: asks for the name and password of RESQUE_WEB_HTTP_BASIC_AUTH, if there is one."""

    def __init__(self, answer: View) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or ask who is there."""
        if request.path_info == f"/{settings.RESQUE_WEB_PREFIX}/healthz".replace("//", "/"):
            # It tells nothing but that, and who watches a site has no password of its own.
            return self.answer(request)
        name = _name_of(request)
        if name is None:
            refusal = HttpResponse("Name and password, please.\n", status=401, content_type="text/plain")
            refusal["WWW-Authenticate"] = 'Basic realm="Resque", charset="UTF-8"'
            return refusal
        request.user = Operator(name)
        response = self.answer(request)
        response["Content-Security-Policy"] = POLICY
        response["Referrer-Policy"] = "same-origin"
        return response


def _name_of(request: HttpRequest) -> str | None:
    """Who this is; None for somebody who did not say, or said it wrongly."""
    wanted: str | None = settings.RESQUE_WEB_AUTH
    if wanted is None:
        return "operator"
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    try:
        said = base64.b64decode(given, validate=True)
    except ValueError:
        return None
    # In constant time: how long it takes must not tell how much of it was right.
    right = kind.lower() == "basic" and hmac.compare_digest(said, wanted.encode())
    return wanted.partition(":")[0] if right else None
