"""`replace_process`: goes on in a Python that has loaded nothing, under the same process id."""

import os
import subprocess
import sys
import tempfile
from typing import NoReturn

from resque_core.process.streams import flush_streams


def replace_process(module: str, message: bytes) -> NoReturn:
    """Become a fresh Python that calls `main` of `module` with a descriptor from which it can read `message`.

    The message is neither in the arguments nor in the environment: it may hold a password.
    """
    with tempfile.TemporaryFile() as file:
        file.write(message)
        file.seek(0)
        os.set_inheritable(file.fileno(), True)
        code = f"from {module} import main; main({file.fileno()})"
        flush_streams()
        # -P: the current folder is no place to import from unless the user asks for that.
        os.execv(sys.executable, [sys.executable, *_flags(), "-P", "-c", code])


def _flags() -> list[str]:
    """The options of this interpreter, such as -W and -X, as `multiprocessing` hands them on too."""
    return subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined,no-any-return]
