"""Jobs that follow another one: what is enqueued, in the step that ends it, when it is done."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from resque_core.clock import to_iso, utc_now
from resque_core.codec import decode_leniently, encode_text, read_duration
from resque_core.job import Entry, Job


def followers(job: Job, result: str) -> tuple[Entry, ...]:
    """The jobs to follow, as a store keeps them; `result` is what this one returned, as JSON.

    Their ids were made when this one was enqueued: done twice, they are not doubled while they wait or run.
    """
    now = utc_now()
    return tuple(Entry(it["text"]["id"], it["queue"], encode_text(_text(it, result, now))) for it in job.then)


def following(said: Mapping[str, Any]) -> Job:
    """The job that is said to follow."""
    return decode_leniently(Entry(said["text"]["id"], said["queue"], encode_text(said["text"])))


def _text(said: Mapping[str, Any], result: str, now: datetime) -> dict[str, Any]:
    """Its text, enqueued now: so its time to expire begins."""
    text: dict[str, Any] = {**said["text"]}
    if said.get("result"):
        text["args"] = [json.loads(result)]
    if "enqueued_at" in text:
        text["enqueued_at"] = to_iso(now)
    if seconds := read_duration(text.get("expires_after")):
        del text["expires_after"]
        text["expires_at"] = to_iso(now + timedelta(seconds=seconds))
    return text
