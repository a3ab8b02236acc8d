"""`application_lines`: the frames of a backtrace that are of the application, without those of libraries."""

import re
from collections.abc import Iterable, Iterator

#: A frame as Python prints it, and as Ruby does.
_FRAME = re.compile(r'[\s|]*File "(?P<python>.+)", line \d+|\s*(?P<ruby>\S+?):\d+:in ')
_LIBRARY = re.compile(r"[\\/](site-packages|dist-packages|python\d\.\d+|gems|ruby)[\\/]|^<frozen ")


def application_lines(backtrace: Iterable[str]) -> Iterator[str]:
    """Its lines, without the frames of files that lie where libraries do, and what stands below these."""
    hidden = False
    for line in backtrace:
        frame = _FRAME.match(line)
        if frame:
            hidden = _LIBRARY.search(frame["python"] or frame["ruby"]) is not None
        elif not line.startswith("    "):
            hidden = False
        if not hidden:
            yield line
