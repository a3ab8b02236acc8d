"""`Stopping`: whether a worker takes more jobs, and whether it ends once it has none in hand."""


class Stopping:
    """Three ways to take no more: *pause* (until it is resumed), *quiet* (but stay), *finish* (and end)."""

    def __init__(self) -> None:
        self.paused = False
        self.quieted = False
        self.ending = False

    def pause(self) -> None:
        """Take no more jobs until `resume`."""
        self.paused = True

    def resume(self) -> None:
        """Undo a `pause`."""
        self.paused = False

    def quiet(self) -> None:
        """Take no more jobs, but stay."""
        self.quieted = True

    def finish(self) -> None:
        """End once the job in hand has."""
        self.ending = True

    @property
    def taking(self) -> bool:
        """Whether to take another job."""
        return not (self.paused or self.quieted or self.ending)
