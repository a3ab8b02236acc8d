"""An application with Django, for `pool_memory.py`: models, admin, forms and templates are loaded."""

import django
from django.conf import settings

from resque_core import job

settings.configure(
    INSTALLED_APPS=[
        "django.contrib.admin",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.messages",
        "django.contrib.sessions",
    ],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
    ROOT_URLCONF=__name__,
    SECRET_KEY="a benchmark has none",
)
django.setup()

from django.contrib import admin  # noqa: E402 - these want the settings above
from django.contrib.auth.models import User  # noqa: E402
from django.template import engines  # noqa: E402
from django.urls import path  # noqa: E402

urlpatterns = [path("admin/", admin.site.urls)]
TEMPLATE = engines["django"].from_string("{% for name in names %}<p>{{ name }}</p>{% endfor %}")


@job(queue="bench")
def render(number: int) -> None:
    """What a job with Django does: makes some objects, and a text of them."""
    users = [User(username=f"user {number}.{index}") for index in range(100)]
    TEMPLATE.render({"names": [user.get_username() for user in users]})
