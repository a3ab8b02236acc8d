"""Writing the notes of jobs, within a step that does more."""

from typing import Literal

from resque_core.sequel import Note
from resque_sqlite.queries import load
from resque_sqlite.session import Session

SQL = load("records")


def keep(session: Session, job: str, note: Note, how: Literal["open", "write"] = "write") -> None:
    """Write to the job's note; `open`: only if it has none."""
    session.change(
        SQL[how],
        job=job,
        about=note.about,
        latest=note.latest,
        ending=note.end,
        seconds=note.seconds,
    )


def trim(session: Session) -> None:
    """Forget what time has ended."""
    session.change(SQL["forget_expired"])
