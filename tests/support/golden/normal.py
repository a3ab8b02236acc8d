"""The normalized form: what varies between two runs of the same calls is replaced by a word for it."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import redis

#: Each key with its type and value, as in `data/*.json`.
Dump = dict[str, dict[str, Any]]

_REPLACED = [
    (r'"run_at":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"', '"run_at":"<ISO8601_UTC_Z>"'),
    (r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$", "<ISO8601_OFFSET>"),
    (r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4}$", "<RUBY_TIME_TO_S>"),
    (r'"(failed_at|retried_at)":"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d [A-Z]{3,4}"', r'"\1":"<FAILED_AT_TZ>"'),
    (r'"backtrace":\[".*?"\],"worker"', '"backtrace":[<BACKTRACE>],"worker"'),
    (r"signal pid \d+ ", "signal pid <CHILDPID> "),
    (r"resque-\d+\.\d+\.\d+\w*: ", "resque-3.0.0: "),
    (r"\bsince \d{9,}", "since <EPOCH>"),
    (r"\bForked \d+ at \d{9,}", "Forked <CHILDPID> at <EPOCH>"),
]


def dump_of(client: "redis.Redis", workers: Mapping[str, str]) -> Dump:
    """Everything in the database; `workers` says which word stands for which beginning of an id."""
    names = sorted(client.scan_iter(count=1000))
    return {normal(name.decode(), workers): _value(client, name, workers) for name in names}


def normal(text: str, workers: Mapping[str, str]) -> str:
    """One text in the normalized form."""
    for beginning, word in workers.items():
        text = text.replace(beginning, word)
    for pattern, word in _REPLACED:
        text = re.sub(pattern, word, text)
    return text


def _value(client: Any, name: bytes, workers: Mapping[str, str]) -> dict[str, Any]:
    def clean(raw: bytes) -> str:
        return normal(raw.decode(), workers)

    kind = client.type(name).decode()
    read: dict[str, Callable[[], Any]] = {
        "string": lambda: clean(client.get(name)),
        "list": lambda: [clean(element) for element in client.lrange(name, 0, -1)],
        "set": lambda: sorted(clean(member) for member in client.smembers(name)),
        "hash": lambda: {clean(key): clean(value) for key, value in client.hgetall(name).items()},
        "zset": lambda: [clean(member) for member in client.zrange(name, 0, -1)],
    }
    return {"type": kind, "value": read[kind]()}


class Symbol(str):
    """A name that Ruby shows with a colon."""


def inspect(value: object) -> str:
    """As Ruby's `inspect`: `nil`, `true`, `[1, "a"]`, `{"k"=>1}`."""
    if value is None or isinstance(value, bool):
        return {None: "nil", True: "true", False: "false"}[value]
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(inspect, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{inspect(key)}=>{inspect(item)}' for key, item in value.items())}}}"
    if isinstance(value, str):
        return f":{value}" if isinstance(value, Symbol) else f'"{value}"'
    return str(value) if isinstance(value, int) else f"a {type(value).__name__}"
