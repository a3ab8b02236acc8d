"""`Space`: the file that holds one namespace, and the lock that makes each method one atomic step."""

import fcntl
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast
from urllib.parse import quote

from resque_core.errors import StorageError
from resque_toy.state import State


class Space:
    """One namespace in one folder.

    The state is a pickle: only a user who may write into the folder could forge it, and the bytes of
    a job are never unpickled. It survives the death of any process, not that of the machine (no fsync).
    """

    def __init__(self, folder: Path, namespace: str) -> None:
        self.folder = folder
        stem = quote(namespace, safe="")
        self._file, self._new, self._lock = (folder / f"{stem}.{end}" for end in ("state", "new", "lock"))

    def prepare(self) -> None:
        """Make the folder, if nobody has."""
        with _broken_is_said(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def step(self) -> Iterator[State]:
        """Be alone with the state; it is kept when the block ends, and as it was when the block raises."""
        with _broken_is_said(self.folder), self._lock.open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # let go by the kernel, however we end
            state = self._load()
            yield state
            self._new.write_bytes(pickle.dumps(state))
            self._new.replace(self._file)  # the one instant at which the step happens

    def look(self) -> State:
        """The state as some step left it. Changing it changes nothing."""
        with _broken_is_said(self.folder):
            return self._load()

    def _load(self) -> State:
        try:
            kept = self._file.read_bytes()
        except FileNotFoundError:
            return State()
        return cast(State, pickle.loads(kept))  # noqa: S301


@contextmanager
def _broken_is_said(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError(f"The store in {folder} cannot be used: {error}") from error
