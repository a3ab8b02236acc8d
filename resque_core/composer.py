"""`Composer`: makes jobs of calls, and refuses what must not be stored, before anything is."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from resque_core.classic import as_classic, encode_classic
from resque_core.clock import utc_now
from resque_core.codec import decode_leniently, decode_payload, encode_job, own_id, read_job
from resque_core.death_policy import DeathPolicy
from resque_core.definition import Definition
from resque_core.display import one_line
from resque_core.errors import (
    BadPayload,
    InvalidArguments,
    InvalidQueueName,
    NoClassError,
    NoQueueError,
    PayloadTooLarge,
    SettingsError,
)
from resque_core.ids import new_id
from resque_core.job import Entry, Job
from resque_core.moments import read_delay
from resque_core.queue_name import check_queue_name
from resque_core.terms import Terms, expiry

#: JSON gives these back as they are, and nobody can change them afterwards.
_PLAIN = frozenset({str, int, float, bool, type(None)})


def new_job(definition: Definition, queue: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Job:
    """A job for a call of `definition`, with a fresh id.

    :raises InvalidArguments: an argument is not JSON.
    """
    draft = _draft(definition, queue, args, kwargs, definition.options.on_worker_death, Terms())
    return with_text(_claiming(draft, definition))


def _draft(
    definition: Definition,
    queue: str,
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    policy: str | None,
    terms: Terms,
) -> Job:
    expires = definition.options.expires if terms.expires is None else terms.expires
    return Job(
        queue=queue,
        name=definition.name,
        args=tuple(args),
        kwargs=kwargs,
        id=new_id(),
        enqueued_at=utc_now(),
        on_worker_death=_written(policy),
        expires_at=expiry(expires, terms.run_at),
        track=_track(definition),
        then=terms.then,
        batch=terms.batch,
        delayed_hooks=terms.delays and definition.hooks.tells_of_delays,
    )


def _track(definition: Definition) -> float:
    options = definition.options
    return read_delay(options.result_ttl).total_seconds() if options.track else 0.0


def with_text(job: Job, encode: Callable[[Job], bytes] = encode_job) -> Job:
    """`job` with its JSON text, and its arguments as the text gives them back.

    :raises InvalidArguments: an argument is not JSON.
    """
    payload = encode(job)
    if _PLAIN.issuperset(map(type, job.args)) and _PLAIN.issuperset(map(type, job.kwargs.values())):
        return replace(job, payload=payload)
    # A copy: the caller's lists and dicts may change later, the stored ones will not.
    body = decode_payload(payload)
    return replace(job, payload=payload, args=tuple(body.get("args") or ()), kwargs=body.get("kwargs") or {})


def _claiming(job: Job, definition: Definition) -> Job:
    """`job` with claim and limit that its definition asks for: by the arguments as a worker will get them."""
    uniqueness, limiting = definition.options.uniqueness, definition.options.limiting
    if uniqueness is None and limiting is None:
        return job
    sound = with_text(job)
    call = job.name, sound.args, sound.kwargs
    claim = uniqueness.claim(*call) if uniqueness else None
    return replace(sound, claim=claim, limit=limiting.limit(*call) if limiting else None)


def _read_pushed(queue: str, body: object) -> Job:
    """The job that `body` says, with an id and no text yet.

    :raises EnqueueError: it is not a job.
    """
    check_queue_name(queue)
    if not isinstance(body, Mapping) or not all(isinstance(key, str) for key in body):
        raise InvalidArguments(f"{one_line(body)} is not a job. Push a mapping: {{'class': …, 'args': […]}}.")
    if not body.get("class"):
        raise NoClassError("Jobs must be given a class.")
    try:
        return read_job(queue, own_id(body) or new_id(), body)
    except BadPayload as error:
        raise InvalidArguments(f"{one_line(body)} is not a job: {error}.") from None


def refuse_repeated(jobs: Iterable[Job]) -> None:
    """Let pass only jobs that all have ids of their own: a store would drop the second of two.

    :raises InvalidArguments: two have one id.
    """
    seen: set[str] = set()
    for job in jobs:
        if job.id in seen:
            raise InvalidArguments(
                f"{one_line(job.name)}: the job with the id {one_line(job.id)} was given twice. "
                f"Build each one anew (fn.build(…)), or leave the second out."
            )
        seen.add(job.id)


class Composer:
    """Makes and checks jobs by the settings of one `Resque`.

    `classic` payloads say `class` and `args` only; so what becomes of a dead worker's job, if `death`
    is None, is for the workers alone to say.

    :raises SettingsError: a setting cannot be used.
    """

    def __init__(
        self, default_queue: str | None, death: DeathPolicy | None, max_payload: int, *, classic: bool = False
    ) -> None:
        self.default_queue = default_queue
        self.death = death
        self.max_payload = max_payload
        self.classic = classic
        _check_limit(max_payload)
        try:
            check_queue_name("-" if default_queue is None else default_queue)
        except InvalidQueueName as error:
            raise SettingsError(f"default_queue: {error}") from None

    def compose(
        self,
        definition: Definition,
        queue: str | None,
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        terms: Terms = Terms(),  # noqa: B008 - it is frozen
    ) -> Job:
        """A new job for a call, on `queue` or on the definition's own.

        :raises EnqueueError: it is refused; the message says why and what to do.
        """
        queue = check_queue_name(self.place(definition, queue))
        draft = _draft(definition, queue, args, kwargs, self._policy(definition, queue), terms)
        return self._finished(_claiming(draft, definition))

    def finish(self, job: Job, definition: Definition) -> Job:
        """A job that was built elsewhere, with what only this `Resque` knows.

        :raises EnqueueError: it is refused; the message says why and what to do.
        """
        queue = check_queue_name(self.place(definition, job.queue or None))
        policy = _written(self._policy(definition, queue, job.on_worker_death))
        # Otherwise the text is of another job, perhaps of the one that this was made of by `replace`.
        if not self.classic and policy == job.on_worker_death and decode_leniently(job.entry) == job:
            return self.limited(job if queue == job.queue else replace(job, queue=queue))
        moment = job.enqueued_at or utc_now()
        complete = replace(
            job, queue=queue, id=job.id or new_id(), enqueued_at=moment, on_worker_death=policy
        )
        return self._finished(_claiming(complete, definition))

    def pushed(self, queue: str, body: object) -> Job:
        """The job that `body` says, as another code base would write it. Classic, it may be any object.

        :raises EnqueueError: it is not a job, or its text is too long.
        """
        if self.classic and isinstance(body, Mapping):
            text = encode_classic(Job(queue=check_queue_name(queue), name="push", extras=body), dict(body))
            return self.limited(decode_leniently(Entry(own_id(body) or new_id(), queue, text)))
        return self.limited(with_text(_read_pushed(queue, body)))

    def place(self, definition: Definition, queue: str | None = None) -> str:
        """The queue of a call: the one given, else the definition's own, else the default.

        :raises NoQueueError: there is none.
        :raises NoClassError: the definition has no name.
        """
        found = definition.queue if queue is None else queue
        found = self.default_queue if found is None else found
        if found is None:
            raise NoQueueError(
                "Jobs must be placed onto a queue. "
                f"No queue could be inferred for class {one_line(definition.name)}"
            )
        if not definition.name:
            raise NoClassError("Jobs must be given a class.")
        return found

    def limited(self, job: Job) -> Job:
        """`job`, if its text is not too long.

        :raises PayloadTooLarge: it is.
        """
        if len(job.payload) > self.max_payload:
            raise PayloadTooLarge(
                f"{one_line(job.name)}: the job's text has {len(job.payload)} bytes, more than the "
                f"{self.max_payload} that are allowed. Store the data elsewhere and pass its key, "
                f"or raise the limit: Resque(max_payload=…)."
            )
        return job

    def _finished(self, draft: Job) -> Job:
        if self.classic:
            return self.limited(with_text(as_classic(draft), encode_classic))
        return self.limited(with_text(draft))

    def _policy(self, definition: Definition, queue: str, own: str | None = None) -> str | None:
        if self.death is None:
            return None
        return own or definition.options.on_worker_death or self.death.of(queue)


def _check_limit(value: object) -> None:
    if not isinstance(value, int) or value < 1:
        raise SettingsError(f"max_payload={value!a:.80}: give a number of bytes, 1 or more.")


def _written(policy: str | None) -> str | None:
    # Only what differs from the default goes into the text (architecture §3).
    return "fail" if policy == "fail" else None
