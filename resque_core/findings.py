"""What an examination finds: one value for each thing that was looked at."""

import time
from dataclasses import dataclass
from typing import Literal

#: How grave it is. `danger`: jobs may be lost, or are not worked.
Level = Literal["ok", "warning", "danger"]

#: Seconds that two clocks may differ before somebody should be told.
SKEW = 5.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, for what might endanger jobs."""

    #: `persistence`, `clock`, …: the same word for the same thing in every backend.
    subject: str
    level: Level
    says: str
    #: What to do; empty if all is well.
    advice: str = ""


def clock_finding(now: float) -> Finding:
    """What there is to say of a server's clock that shows so many seconds since 1970."""
    skew = now - time.time()
    if abs(skew) < SKEW:
        return Finding("clock", "ok", "Its clock agrees with this machine's.")
    return Finding(
        "clock",
        "warning",
        f"Its clock is {skew:+.0f} s from this machine's.",
        "Leases go by the server's alone, but people read times: set both clocks by NTP.",
    )
