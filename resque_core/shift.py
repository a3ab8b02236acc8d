"""`Shift`: how many jobs one child of a worker performs before it ends and another takes over."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shift:
    """Over after so many `jobs`, or with the first that ends after so many `seconds`. None: no such limit."""

    jobs: int | None = 1
    seconds: float | None = None

    @property
    def single(self) -> bool:
        """Whether each job has a child of its own."""
        return self.jobs == 1

    def is_over(self, jobs: int, seconds: float) -> bool:
        """Whether a child is to end that performed so many jobs, in so many seconds since the first began."""
        return (self.jobs is not None and jobs >= self.jobs) or (
            self.seconds is not None and seconds >= self.seconds
        )


def shift_of(jobs: int | None, seconds: float | None) -> Shift:
    """What `--jobs-per-fork` and `--seconds-per-fork` mean: without either, one job."""
    return Shift(1 if jobs is None and seconds is None else jobs, seconds)
