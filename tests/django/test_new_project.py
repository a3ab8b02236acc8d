"""A project as `django-admin startproject` makes it, with the lines that the README says, on each store."""

import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from stores import SQLITE, TYPICAL, Store

SETTINGS = """
INSTALLED_APPS += ["django_resque", "shop"]
RESQUE_BACKEND = {backend!r}
RESQUE_URL = {url!r}
"""
JOBS = """
from pathlib import Path

from django.contrib.auth.models import User

from resque_core import job


@job(queue="mail")
def send_receipt(user: int) -> None:
    name = User.objects.get(pk=user).username
    if not Path("mended").exists():
        raise ValueError(f"no post for {name}")
    Path("sent").write_text(name)
"""
URLS = """
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpResponse
from django.urls import path

from django_resque import resque
from shop.jobs import send_receipt


@transaction.atomic
def order(request):
    customer = User.objects.create(username="eva")
    send_receipt.enqueue(customer.pk)
    return HttpResponse(str(resque.size("mail")))


urlpatterns = [path("admin/", admin.site.urls), path("order/", order)]
"""
#: What a user does with the pages; the worker is started between the two parts.
BROWSE = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "mysite.settings"
import django
django.setup()
from django.contrib.auth.models import User
from django.test import Client
from django_resque import resque

client = Client(headers={"host": "localhost"})
if sys.argv[1] == "order":
    User.objects.create_superuser("root", password="secret")
    during = client.get("/order/").content.decode()
    print("waiting in the transaction:", during, "after it:", resque.size("mail"))
else:
    assert client.login(username="root", password="secret")
    page = client.get("/admin/resque/failedjob/?exception=ValueError").content.decode()
    assert "no post for eva" in page, page
    (failure,) = resque.failures.all()
    said = client.post(f"/admin/resque/failedjob/{failure.id}/retry/", follow=True).content.decode()
    print("retried:", "Retry: done." in said, "failed:", resque.failures.count(), end=" ")
    print("waiting:", resque.size("mail"))
"""


@pytest.fixture(scope="module")
def new_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project before it knows of us, its database migrated."""
    project = tmp_path_factory.mktemp("new") / "project"
    (project / "shop").mkdir(parents=True)
    run_in(project, "-m", "django", "startproject", "mysite", ".")
    (project / "shop/__init__.py").touch()
    (project / "shop/jobs.py").write_text(JOBS)
    (project / "browse.py").write_text(BROWSE)
    run_in(project, "manage.py", "migrate", "--verbosity=0")
    return project


def run_in(folder: Path, *words: str) -> str:
    """What a program says that runs there."""
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    done = subprocess.run(
        [sys.executable, *words], cwd=folder, env=environment,
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


#: Each takes some ten starts of Django; most other tests of it have each store, too.
ON_EACH = [
    pytest.param(kind, id=kind.name, marks=[] if kind is SQLITE else [pytest.mark.thorough])
    for kind in TYPICAL
]


def backend_of(url: str) -> str:
    return {"sqlite": "sqlite", "redis": "redis", "mongodb": "mongo"}[url.partition(":")[0]]


@pytest.mark.parametrize("store", ON_EACH, indirect=True)
def test_a_new_project_enqueues_works_finds_and_retries(
    store: Store, tmp_path: Path, new_project: Path
) -> None:
    project = Path(shutil.copytree(new_project, tmp_path / "project"))
    run = partial(run_in, project)
    with (project / "mysite/settings.py").open("a") as settings:
        settings.write(SETTINGS.format(backend=backend_of(store.url), url=store.url))
    (project / "mysite/urls.py").write_text(URLS)
    assert run("browse.py", "order") == "waiting in the transaction: 0 after it: 1\n"
    run("manage.py", "resque_work", "--queues=*", "--burst")
    assert not (project / "sent").exists()
    assert run("browse.py", "retry") == "retried: True failed: 0 waiting: 1\n"
    (project / "mended").touch()
    run("manage.py", "resque_work", "--queues=*", "--burst")
    assert (project / "sent").read_text() == "eva"
