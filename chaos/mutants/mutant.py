"""`Mutant`: one mistake as a patch, and the tests that must turn red under it."""

import shlex
from dataclasses import dataclass
from pathlib import Path

PATCHES = Path(__file__).with_name("patches")


@dataclass(frozen=True)
class Trial:
    """What pytest is asked to run, on account of which backend."""

    backend: str
    arguments: tuple[str, ...]


@dataclass(frozen=True)
class Mutant:
    """A patch that begins with lines `Mutant: …`, `Test: BACKEND: …` and `Not: BACKEND: why not`."""

    name: str
    path: Path
    mistake: str
    trials: tuple[Trial, ...]
    #: Backends to which the mistake does not apply, and why.
    exempt: tuple[str, ...]


def mutants(only: str = "") -> list[Mutant]:
    """All whose names contain this, by name."""
    return [_read(path) for path in sorted(PATCHES.glob("*.patch")) if only in path.stem]


def _read(path: Path) -> Mutant:
    head = path.read_text().split("\ndiff ", 1)[0]
    fields = [line.split(": ", 1) for line in head.splitlines() if ": " in line]
    said = {word: [text for name, text in fields if name == word] for word in ("Mutant", "Test", "Not")}
    if len(said["Mutant"]) != 1 or not said["Test"]:
        raise ValueError(f"{path.name} must say `Mutant: …` once and `Test: …` at least once.")
    trials = tuple(_trial(text) for text in said["Test"])
    return Mutant(path.stem, path, said["Mutant"][0], trials, tuple(said["Not"]))


def _trial(text: str) -> Trial:
    backend, _, arguments = text.partition(": ")
    return Trial(backend, tuple(shlex.split(arguments)))
