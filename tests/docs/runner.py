"""Runs the blocks of one page in order, in one folder, as a reader would."""

import json
import os
import subprocess
import sys
from doctest import ELLIPSIS, NORMALIZE_WHITESPACE, OutputChecker
from pathlib import Path
from threading import Timer
from types import TracebackType
from typing import Self

import pytest

from tests.docs.blocks import Block, Command, commands_of

TIMEOUT = 60
#: A Python that runs one block a line, all in one namespace, and answers with a line of JSON each.
INTERPRETER = """
import contextlib, io, json, sys, traceback
namespace = {"__name__": "example"}
for line in sys.stdin:
    shown, problem = io.StringIO(), ""
    with contextlib.redirect_stdout(shown):
        try:
            exec(compile(json.loads(line), "block", "exec"), namespace)
        except BaseException:
            problem = traceback.format_exc()
    print(json.dumps([shown.getvalue(), problem]), flush=True)
"""


class Reader:
    """Somebody who follows a page from top to bottom in an empty folder."""

    def __init__(self, folder: Path) -> None:
        """`folder` is where they work, and their home."""
        self.folder = folder
        self.environment = _environment(folder)
        self._python = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", INTERPRETER],
            cwd=folder,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        """Begin to read."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Put the page away."""
        self._python.communicate(timeout=TIMEOUT)

    def follow(self, block: Block) -> None:
        """Save or run one block; fail the test when it does not do what the page says."""
        if block.file_name:
            self._save(block)
        elif block.stays:
            for script in block.text.splitlines():
                self._see_begin(block, script.removeprefix("$ "))
        elif block.language == "python":
            self._interpret(block)
        elif block.language == "console":
            for command in commands_of(block):
                self._check(block, command)
        else:
            self._shell(block, block.text)

    def _save(self, block: Block) -> None:
        path = self.folder / (block.file_name or "")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text, encoding="utf-8")

    def _interpret(self, block: Block) -> None:
        assert self._python.stdin is not None
        assert self._python.stdout is not None
        self._python.stdin.write(json.dumps(block.text) + "\n")
        self._python.stdin.flush()
        answer = self._python.stdout.readline()
        problem = json.loads(answer)[1] if answer else "the interpreter ended"
        if problem:
            pytest.fail(f"line {block.line}:\n{block.text}\n{problem}", pytrace=False)

    def _check(self, block: Block, command: Command) -> None:
        output = self._shell(block, command.text)
        flags = ELLIPSIS | NORMALIZE_WHITESPACE
        if command.shown and not OutputChecker().check_output(command.shown + "\n", output, flags):
            both = f"--- the page shows\n{command.shown}\n--- it printed\n{output}"
            pytest.fail(f"line {block.line}: $ {command.text}\n{both}", pytrace=False)

    def _see_begin(self, block: Block, script: str) -> None:
        """Run what goes on and on, and end it with its first word."""
        with self._begin(f"exec {script}") as process:
            too_late = Timer(TIMEOUT, process.kill)
            too_late.start()
            word = process.stdout.readline() if process.stdout else ""
            process.terminate()
            said, _ = process.communicate()
            too_late.cancel()
        self._check_end(block, script, process.returncode, word + said)

    def _shell(self, block: Block, script: str) -> str:
        with self._begin(script) as process:
            try:
                said, _ = process.communicate(timeout=TIMEOUT)
            except BaseException:
                process.kill()
                raise
        self._check_end(block, script, process.returncode, said)
        return said

    def _begin(self, script: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def _check_end(self, block: Block, script: str, status: int, said: str) -> None:
        if status != 0:
            pytest.fail(f"line {block.line}: {script}\nended {status}\n{said}", pytrace=False)


def _environment(home: Path) -> dict[str, str]:
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    fixed = {"NO_COLOR": "1", "COLUMNS": "110", "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1"}
    kept = {name: value for name, value in os.environ.items() if name.startswith(("COVERAGE", "COV_"))}
    return {"PATH": programs, "HOME": str(home), "XDG_STATE_HOME": str(home / "state"), **fixed, **kept}
