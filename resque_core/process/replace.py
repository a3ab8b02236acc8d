"""`replace_process`: goes on in a Python that has loaded nothing, under the same process id."""

import os
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

from resque_core.process import gaps
from resque_core.process.streams import flush_streams

_STDERR = 2

#: What the new Python runs. A ctrl-c while it loads is no error to show.
_CODE = """
import signal
signal.signal(signal.SIGINT, signal.SIG_DFL)
{leave_gaps}
from {module} import main
main({descriptor})
"""


def replace_process(module: str, message: bytes) -> NoReturn:
    """Become a fresh Python that calls `main` of `module` with a descriptor from which it can read `message`.

    The message is neither in the arguments nor in the environment: it may hold a password.
    """
    _open_standard_streams()
    code = _CODE.format(leave_gaps=_gaps(), module=module, descriptor=_readable(message))
    flush_streams()
    # -P: the current folder is no place to import from unless the user asks for that.
    os.execv(sys.executable, [sys.executable, *_flags(), "-P", "-c", code])


def _gaps() -> str:
    """Runs the text of `gaps.py`, before anything is imported: the module would come with all of ours."""
    text = Path(gaps.__file__)
    if text.suffix != ".py" or not text.is_file():
        # Installed without it, or in a zip. It would only be quicker.
        return ""
    return f"with open({str(text)!r}, encoding='utf-8') as file: exec(file.read())\nkept = leave_gaps()"


def _open_standard_streams() -> None:
    """Whatever is opened next must not be taken for one of them, if somebody closed it."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= _STDERR:
        os.set_inheritable(descriptor, True)
    os.close(descriptor)


def _readable(message: bytes) -> int:
    """A descriptor that the new program inherits, from which it reads this."""
    try:
        reader = os.memfd_create("settings", 0)
        os.write(reader, message)
        os.lseek(reader, 0, os.SEEK_SET)
    except (AttributeError, OSError):
        # A pipe holds 64 KB: more than any command line says.
        reader, writer = os.pipe()
        os.write(writer, message)
        os.close(writer)
    os.set_inheritable(reader, True)
    return reader


def _flags() -> list[str]:
    """The options of this interpreter, such as -W and -X, as `multiprocessing` hands them on too."""
    return subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined,no-any-return]
