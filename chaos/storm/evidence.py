"""What jobs wrote of themselves, and what we did to them: the two sides of the account."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Run:
    """One beginning of a job."""

    at: float
    #: The number of its worker. A pid may be that of several, one after the other.
    keeper: int


@dataclass
class Evidence:
    """The log of the jobs, read."""

    began: dict[int, list[Run]] = field(default_factory=lambda: defaultdict(list))
    ended: Counter[int] = field(default_factory=Counter)
    #: When each keeper was ended by a job that does that.
    poisoned: dict[int, float] = field(default_factory=dict)

    @property
    def repeated(self) -> int:
        """How often a job began that had begun before."""
        return sum(len(runs) - 1 for runs in self.began.values())


def read(path: Path) -> Evidence:
    """The evidence in a log."""
    evidence = Evidence()
    for line in path.read_text().splitlines() if path.exists() else ():
        what, number, at, keeper = line.split()
        if what == "began":
            evidence.began[int(number)].append(Run(float(at), int(keeper)))
        elif what == "ended":
            evidence.ended[int(number)] += 1
        else:
            evidence.poisoned[int(keeper)] = float(at)
    return evidence


@dataclass
class Blows:
    """Every fault: how many of which kind, which keepers lost what they held, and when the store was away."""

    counts: Counter[str] = field(default_factory=Counter)
    #: Keepers that were killed, frozen or stopped, by number, and when it happened first.
    keepers: dict[int, float] = field(default_factory=dict)
    store: list[float] = field(default_factory=list)
    last: float = 0.0

    @property
    def kills(self) -> int:
        """SIGKILLs of any process of a worker."""
        return sum(count for name, count in self.counts.items() if name.startswith("kill "))
