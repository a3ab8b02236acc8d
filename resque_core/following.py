"""Jobs that follow another one: what is enqueued, in the step that ends it, when it is done."""

import json

from resque_core.codec import encode_text
from resque_core.job import Entry, Job


def followers(job: Job, result: str) -> tuple[Entry, ...]:
    """The jobs to follow, as a store keeps them; `result` is what this one returned, as JSON.

    Their ids were made when this one was enqueued: done twice, they are not doubled while they wait or run.
    """
    entries = []
    for it in job.then:
        text = it["text"] | ({"args": [json.loads(result)]} if it.get("result") else {})
        entries.append(Entry(text["id"], it["queue"], encode_text(text)))
    return tuple(entries)
