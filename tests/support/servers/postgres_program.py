"""A PostgreSQL server as tests want it: it ends sessions that are idle."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from servers.fleet import MissingServerError

#: Debian keeps these out of PATH.
DEBIAN = "/usr/lib/postgresql/*/bin/initdb"
#: The server refuses to be root.
USER = "postgres"


def find_postgres() -> Path:
    """The folder of its programs.

    :raises MissingServerError: there is none, or nobody whom it could run as.
    """
    on_path = shutil.which("initdb")
    found = [Path(on_path).resolve()] if on_path else sorted(Path("/").glob(DEBIAN.lstrip("/")))
    if not found:
        raise MissingServerError("There is no PostgreSQL: apt install postgresql")
    if os.geteuid() == 0 and not shutil.which("setpriv"):
        raise MissingServerError("PostgreSQL does not run as root: run the tests as another user.")
    return found[-1].parent


@dataclass(frozen=True)
class PostgresProgram:
    """Data are made at the start, and need survive nothing."""

    programs: Path
    #: Milliseconds after which an idle session is ended.
    idle: int

    @property
    def version(self) -> str:
        """`15`."""
        return self.programs.parent.name

    def command(self, port: int, folder: Path) -> list[str]:
        """Its whole configuration."""
        if os.geteuid() == 0:
            shutil.chown(folder, USER, USER)
        data = str(folder / "data")
        made = [str(self.programs / "initdb"), "-D", data, "-U", "resque", "--auth=trust", "--no-sync"]
        subprocess.run([*self._as_user(), *made], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        options = {
            "port": port, "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off",
            "idle_session_timeout": self.idle, "max_connections": 20, "shared_buffers": "1MB",
            "logging_collector": "on", "log_directory": folder, "log_filename": "log",
        }  # fmt: skip
        words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        return [*self._as_user(), str(self.programs / "postgres"), "-D", data, *words]

    def answers(self, port: int) -> bool:
        """Whether it takes connections."""
        asked = [str(self.programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
        return subprocess.run(asked, check=False).returncode == 0

    def url(self, port: int) -> str:
        """Its first database."""
        return f"postgresql://resque@127.0.0.1:{port}/postgres"

    def _as_user(self) -> list[str]:
        # A change of the user forgets that this is to end with the guard: so it is said again.
        ids = [f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "--pdeathsig=KILL"]
        return ["setpriv", *ids] if os.geteuid() == 0 else []
