"""`make servers`: runs a redis-server and a mongod, says where they are, and ends both at ctrl-c."""

import signal
import sys
import tempfile
from pathlib import Path

from servers.fleet import Fleet, MissingServerError, mongo_program, redis_program

STOPS = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}


def main() -> int:
    """Run until one of these signals comes."""
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
    with tempfile.TemporaryDirectory(prefix="resque-servers-") as folder:
        fleet = Fleet(Path(folder))
        try:
            for program in (redis_program(), mongo_program(replica_set=True)):
                server = fleet.start(program)
                print(f"{program.binary}\n    {server.url}", flush=True)
            print("Ctrl-c ends both, and removes what they hold.", flush=True)
            signal.sigwait(STOPS)
        except MissingServerError as missing:
            print(missing, file=sys.stderr)
            return 1
        finally:
            fleet.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
