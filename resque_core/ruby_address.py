"""Ruby's short form of a Redis server: `host:port[:db][/namespace]`, as `Resque.redis=` takes it."""

import re

#: The port must be there: a word alone may be anything.
_ADDRESS = re.compile(r"(?P<host>[\w.-]+):(?P<port>\d+)(:(?P<db>\d+))?(/(?P<namespace>.+))?")


def read_address(text: str) -> tuple[str, str | None]:
    """The URL, and the namespace if it names one. Any other text is returned as it is."""
    found = _ADDRESS.fullmatch(text)
    if found is None:
        return text, None
    return f"redis://{found['host']}:{found['port']}/{found['db'] or 0}", found["namespace"]
