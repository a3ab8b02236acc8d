"""What of a Redis server endangers jobs."""

from collections.abc import Iterator, Mapping

from resque_core.findings import Finding, Level, clock_finding

#: Of the memory that the server may use.
NEARLY_FULL = 0.9


def examine(said: Mapping[str, str], now: float) -> Iterator[Finding]:
    """Findings from what the server says of itself, and its clock in seconds."""
    if not said:
        yield Finding(
            "server", "warning", "It does not tell this user about itself.",
            "Allow the user `+info`, so that this command can look.",
        )  # fmt: skip
    else:
        yield Finding("version", "ok", f"Redis {said.get('redis_version', 'of unknown version')}.")
        yield _role(said)
        yield from _persistence(said)
        yield _eviction(said)
        yield from _memory(said)
    yield Finding("scripts", "ok", "Scripts run.")
    yield clock_finding(now)


def beside_resque_scheduler(holder: str) -> Finding:
    """What it means that a resque-scheduler promotes here, and not our workers."""
    return Finding(
        "resque-scheduler", "warning",
        f"A resque-scheduler ({holder!a:.80}) runs here: of delayed jobs it keeps class and arguments. "
        f"A job of ours that is tried again later begins with its first attempt each time, without end.",
        "Stop it, and our workers enqueue what is due, Ruby's jobs too.",
    )  # fmt: skip


def _role(said: Mapping[str, str]) -> Finding:
    if said.get("role") == "slave":
        return Finding(
            "role", "danger", "This is a replica: it takes no writes.",
            "Give the primary's URL, or redis+sentinel://, which finds it.",
        )  # fmt: skip
    return Finding("role", "ok", "It is a primary.")


def _persistence(said: Mapping[str, str]) -> Iterator[Finding]:
    broken = [name for name in ("aof_last_write_status", "rdb_last_bgsave_status") if said.get(name) == "err"]
    if broken:
        yield Finding(
            "disk", "danger", f"The server could not write to its disk ({', '.join(broken)}).",
            "Look into its log; free some space. Until then it refuses writes.",
        )  # fmt: skip
    if said.get("aof_enabled") == "1":
        yield Finding("persistence", "ok", "It keeps an append-only file.")
        return
    yield Finding(
        "persistence", "danger",
        "It keeps no append-only file: when it ends, all that came since its last snapshot is gone.",
        "Set `appendonly yes` (CONFIG SET, and in redis.conf).",
    )  # fmt: skip


def _eviction(said: Mapping[str, str]) -> Finding:
    policy = said.get("maxmemory_policy", "noeviction")
    if policy == "noeviction":
        return Finding("eviction", "ok", "It evicts nothing.")
    limited = said.get("maxmemory", "0") != "0"
    return Finding(
        "eviction", "danger" if limited else "warning",
        f"maxmemory-policy is {policy}: " + ("jobs are deleted when its memory is full." if limited
        else "jobs would be deleted, were there a maxmemory."),
        "Set `maxmemory-policy noeviction`.",
    )  # fmt: skip


def _memory(said: Mapping[str, str]) -> Iterator[Finding]:
    limit, used = int(said.get("maxmemory", "0")), int(said.get("used_memory", "0"))
    if not limit:
        return
    share = used / limit
    level: Level = "danger" if share >= 1 else "warning" if share >= NEARLY_FULL else "ok"
    advice = "" if level == "ok" else "Raise `maxmemory`, or find out why so many jobs wait or failed."
    refuses = " `enqueue` is refused; workers go on." if share >= 1 else ""
    yield Finding("memory", level, f"{share:.0%} of its memory is used.{refuses}", advice)
