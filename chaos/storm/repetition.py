"""Which runs of a job a fault explains: it runs once, and once more for each of its keepers that was hit.

Which run comes first says nothing. A keeper that is frozen between taking a job and starting it may start it
when it wakes, after another has run it; and the child of a killed one may begin before it is ended, too.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from storm.evidence import Run

#: Seconds. A job that is reserved while the store is hit may begin so long afterwards.
_ON_ITS_WAY = 1.0
_ALWAYS = float("-inf")


@dataclass(frozen=True)
class Faults:
    """Who was hit, and when first; and when the store was."""

    keepers: Mapping[int, float]
    store: Sequence[float]

    def explain(self, run: Run, last: float) -> bool:
        """Whether a job that began once more by `last` may have done so because of what befell this run."""
        hit = self.keepers.get(run.keeper)
        return (hit is not None and hit <= last) or any(
            run.at - _ON_ITS_WAY <= at <= last for at in self.store
        )


def faults_of(hits: Sequence[Mapping[int, float]], late: Collection[int], store: Sequence[float]) -> Faults:
    """All that happened to keepers, by the first time; of those that were `late`, nobody knows when."""
    keepers = dict.fromkeys(late, _ALWAYS)
    for each in hits:
        for keeper, at in each.items():
            keepers[keeper] = min(at, keepers.get(keeper, at))
    return Faults(keepers, store)


def unexplained(runs: Sequence[Run], faults: Faults) -> list[Run]:
    """The runs under keepers that nobody had hit, if there is more than one: one is what is promised."""
    last = max(run.at for run in runs)
    sound = [run for run in runs if not faults.explain(run, last)]
    return sound if len(sound) > 1 else []
