"""The verdict on a storm: what was accepted, against what ran, what failed, and what is left."""

from collections import Counter
from dataclasses import dataclass, field

from storm.evidence import Blows, Evidence
from storm.producer import Producer
from storm.repetition import Faults, faults_of, unexplained
from storm.stage import Contents, number_of


@dataclass
class Account:
    """Everything that was seen of a storm, by all sides."""

    producer: Producer
    evidence: Evidence
    blows: Blows
    contents: Contents
    counters: dict[str, int]
    #: Seconds from the last blow until all work was done; and what is allowed.
    drained: float
    patience: float
    #: How many workers there are at any time.
    workers: int
    #: How many jobs each may hold.
    at_once: int
    #: Keepers that were too slow for their leases, whoever made them.
    late: set[int]
    #: Processes, files and the like that should not be there.
    leaks: list[str] = field(default_factory=list)
    #: What was seen when the work did not come to its end.
    stuck: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Check:
    """One line of the verdict."""

    name: str
    #: What is wrong; nothing if all is well.
    wrong: list[str]


class Audit:
    """Compares. `checks` are the questions that the promise answers."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._failed = [number_of(payload) for payload in account.contents.failed]
        self.failed_jobs = Counter(number for number in self._failed if number is not None)

    @property
    def lost(self) -> list[int]:
        """Accepted, and neither run to the end nor failed."""
        ended = set(self._account.evidence.ended) | set(self.failed_jobs)
        return sorted(self._account.producer.accepted - ended)

    @property
    def stored(self) -> int:
        """How many jobs the store took, by what became of them."""
        evidence = self._account.evidence
        told = self._account.producer.accepted
        untold = self._account.producer.unanswered & (set(evidence.began) | set(self.failed_jobs))
        return len(told | untold) + len(self._account.producer.payloads)

    def checks(self) -> list[Check]:
        """All of them."""
        account = self._account
        return [
            Check("no job is lost", [f"job {number}" for number in self.lost]),
            Check("each job ran or is in the failed store", self._never_begun()),
            Check("nothing waits or runs", self._left()),
            Check("payloads that are no jobs are in the failed store with their bytes", self._payloads()),
            Check("no job failed twice", [f"job {it}" for it, n in self.failed_jobs.items() if n > 1]),
            Check("no job ran that was not enqueued", self._strangers()),
            Check("each repetition had a fault that explains it", self._unexplained()),
            Check("no more repetitions than jobs in flight at faults", self._too_many()),
            Check("drained in time", self._late() + account.stuck),
            Check("counters say what happened", self._miscounted()),
            Check("nothing leaked", account.leaks + account.contents.leftovers),
        ]

    def in_flight(self) -> int:
        """How many jobs, at most, were in the hands of those that were hit."""
        faults, evidence = self._faults(), self._account.evidence
        began_under = {run.keeper for runs in evidence.began.values() for run in runs}
        hit = len(began_under & faults.keepers.keys()) + len(faults.store) * self._account.workers
        return hit * self._account.at_once

    def _faults(self) -> Faults:
        account = self._account
        hits = [account.blows.keepers, account.evidence.poisoned]
        return faults_of(hits, account.late, account.blows.store)

    def _never_begun(self) -> list[str]:
        told = self._account.producer.accepted
        return [
            f"job {it}" for it in sorted(told - set(self._account.evidence.began) - set(self.failed_jobs))
        ]

    def _left(self) -> list[str]:
        left = {"waiting": self._account.contents.waiting, "running": self._account.contents.running}
        return [f"{count} jobs {state}" for state, count in left.items() if count]

    def _payloads(self) -> list[str]:
        kept = Counter(payload for payload in self._account.contents.failed if number_of(payload) is None)
        return [
            f"{payload!r}: {kept[payload]} times"
            for payload in self._account.producer.payloads
            if kept[payload] != 1
        ]

    def _strangers(self) -> list[str]:
        known = self._account.producer.accepted | self._account.producer.unanswered
        return [f"job {number}" for number in set(self._account.evidence.began) - known]

    def _unexplained(self) -> list[str]:
        """Jobs of which two runs were under keepers that nobody had hit, nor the store meanwhile."""
        faults = self._faults()
        return [
            f"job {number} began {' and '.join(f'at {it.at:.1f} under keeper {it.keeper}' for it in sound)}"
            for number, runs in self._account.evidence.began.items()
            if (sound := unexplained(runs, faults))
        ]

    def _too_many(self) -> list[str]:
        repeated, allowed = self._account.evidence.repeated, self.in_flight()
        return [f"{repeated} repetitions, {allowed} in flight"] if repeated > allowed else []

    def _late(self) -> list[str]:
        drained, patience = self._account.drained, self._account.patience
        return [f"{drained:.1f} s, not {patience:.1f}"] if drained > patience else []

    def _miscounted(self) -> list[str]:
        expected = {"processed": self.stored, "failed": len(self._failed)}
        counters = self._account.counters
        return [
            f"{name} is {counters.get(name, 0)}, not {count}"
            for name, count in expected.items()
            if counters.get(name, 0) != count
        ]
