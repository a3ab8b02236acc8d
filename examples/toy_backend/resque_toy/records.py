"""What is kept of jobs that ask for it."""

from collections.abc import Mapping

from resque_core.records import Place, Reservation, Standing
from resque_core.sequel import Note
from resque_toy.space import Space
from resque_toy.state import State


class ToyRecords:
    """A dict of notes."""

    def __init__(self, space: Space) -> None:
        self._space = space

    def open(self, notes: Mapping[str, Note]) -> None:
        """Keep those of jobs that have none."""
        with self._space.step() as state:
            for job, note in notes.items():
                if state.note_of(job) is None:
                    state.write(job, note)

    def write(self, reservation: Reservation, note: Note) -> bool:
        """Write, if the job is still in these hands."""
        with self._space.step() as state:
            held = _held(state, reservation.entry.id)
            if held is None or held.token != reservation.token:
                return False
            state.write(held.entry.id, note)
            return True

    def read(self, job_id: str) -> Standing | None:
        """Look everywhere."""
        state = self._space.look()
        note, held, later = state.note_of(job_id), _held(state, job_id), state.delayed.get(job_id)
        place: Place = "waiting" if job_id in state.waiting_ids() else "gone"
        place = "running" if held else "delayed" if later else place
        found = Standing(place, note, later.run_at if later else None, held)
        return None if found == Standing("gone") else found


def _held(state: State, job: str) -> Reservation | None:
    held = (member.held for member in state.workers.values())
    return next((it for it in held if it and it.entry.id == job), None)
