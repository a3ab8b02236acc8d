"""Jobs that are enqueued inside a transaction wait for its commit."""

import pytest
from django.db import transaction
from django.test import TestCase, override_settings

from django_resque import resque as default_resque
from django_resque.test import captured, inline, work_off
from resque_core import InvalidArguments, Resque
from tests.django.site.shop.jobs import send_receipt

pytestmark = pytest.mark.usefixtures("database")


def test_a_job_is_stored_when_the_transaction_commits(resque: Resque) -> None:
    with transaction.atomic():
        job = send_receipt.enqueue(1)
        assert resque.size("mail") == 0
    assert job is not None
    assert [one.id for one in resque.peek("mail")] == [job.id]


def test_a_rollback_takes_its_jobs_along(file_resque: Resque) -> None:
    with transaction.atomic():
        send_receipt.enqueue(1)
        with transaction.atomic():
            file_resque.enqueue_many([(send_receipt, 2), (send_receipt, 3)])
            transaction.set_rollback(True)
    assert [job.args for job in file_resque.peek("mail", 0, 9)] == [(1,)]


def test_a_batch_is_begun_when_the_transaction_commits(file_resque: Resque) -> None:
    with transaction.atomic():
        batch = file_resque.batch([(send_receipt, 1)], then=(send_receipt, 2))
        assert file_resque.size("mail") == 0
    assert file_resque.find_batch(batch.id) == batch
    assert [job.args for job in file_resque.peek("mail", 0, 9)] == [(1,)]


def test_a_mistake_is_raised_where_it_is_made(file_resque: Resque) -> None:
    with pytest.raises(InvalidArguments), transaction.atomic():
        file_resque.enqueue(send_receipt, object())


def test_a_transaction_of_another_database_is_not_waited_for(file_resque: Resque) -> None:
    with transaction.atomic(using="other"):
        send_receipt.enqueue(1)
        assert file_resque.size("mail") == 1


def test_the_database_can_be_chosen_and_the_wait_be_switched_off(file_resque: Resque) -> None:
    for on_commit, sizes in (("other", [0, 1]), (False, [1, 1])):
        with override_settings(
            RESQUE_URL=None, RESQUE={"default": {"URL": file_resque.url, "ON_COMMIT": on_commit}}
        ):
            with transaction.atomic(using="other"):
                send_receipt.enqueue(1)
                during = default_resque.size("mail")
            assert [during, default_resque.size("mail")] == sizes
            default_resque.clear_queue("mail")


@pytest.mark.usefixtures("file_resque")
class TestInTestCase(TestCase):
    """A `TestCase` runs each test in a transaction that never commits."""

    databases = {"default", "other"}  # noqa: RUF012 - Django's way to say it

    def test_the_transaction_of_the_test_itself_is_not_waited_for(self) -> None:
        send_receipt.enqueue(1)
        assert default_resque.size("mail") == 1

    def test_jobs_of_a_transaction_wait_as_all_that_is_for_its_commit(self) -> None:
        with self.captureOnCommitCallbacks(execute=True), transaction.atomic():
            send_receipt.enqueue(1)
            assert default_resque.size("mail") == 0
        assert default_resque.size("mail") == 1

    def test_captured_jobs_are_seen_at_once(self) -> None:
        with captured() as jobs, transaction.atomic():
            send_receipt.enqueue(1)
        assert [(job.queue, job.args) for job in jobs] == [("mail", (1,))]

    def test_inline_jobs_run_in_the_transaction(self) -> None:
        with inline(), transaction.atomic(), self.assertRaisesMessage(ValueError, "no order -1"):
            send_receipt.enqueue(-1)

    def test_what_waits_can_be_worked_off(self) -> None:
        send_receipt.enqueue(1)
        send_receipt.enqueue(-1)
        done = work_off("mail")
        assert [job.args for job in done.jobs] == [(1,), (-1,)]
        assert [failure.exception for failure in done.failures] == ["ValueError"]
