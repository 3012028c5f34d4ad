"""A PostgreSQL of the tests' own: in a temporary folder, on a socket, gone with them."""

import contextlib
import glob
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

INSTALL = ["apt-get", "install", "-qy", "--no-install-recommends", "postgresql"]


def _program(name: str) -> str | None:
    """A program of PostgreSQL's; Debian keeps them beside its path."""
    found = shutil.which(name) or next(iter(sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"), reverse=True)), None)
    return found and os.path.realpath(found)


def missing() -> str | None:
    """Why there is none, if there is none. Where there has to be one, the distribution's package is installed."""
    is_required = os.environ.get("CLV_REQUIRE_POSTGRES") == "1"
    if _program("initdb") is None and is_required and shutil.which("apt-get"):
        as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
        with contextlib.suppress(OSError):
            subprocess.run([*as_root, "apt-get", "update", "-q"], check=False, stdout=subprocess.DEVNULL)
            subprocess.run([*as_root, *INSTALL], check=False, stdout=subprocess.DEVNULL)
    return None if _program("initdb") else f"there is no PostgreSQL; install it, on Debian: {' '.join(INSTALL)}"


def _user() -> str | None:
    """Whom it runs as: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    return None


@contextlib.contextmanager
def running() -> Iterator[str]:
    """The address of a server that runs as long as this does."""
    initdb, server_of = _program("initdb"), _program("pg_ctl")
    assert initdb and server_of
    folder = Path(tempfile.mkdtemp(prefix="clv-postgres-"))
    user = _user()
    if user is not None:
        shutil.chown(folder, user)
    data, log = folder / "data", folder / "log"

    def run(*command: str) -> None:
        done = subprocess.run(command, user=user, cwd=folder, capture_output=True, text=True, check=False)
        said = log.read_text() if log.exists() else ""
        assert done.returncode == 0, f"{command[0]}: {done.stderr}{done.stdout}{said}"

    try:
        run(initdb, "-D", str(data), "--username=clv", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
        # The zone of the session must not matter.
        settings = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off -c timezone=Pacific/Auckland"
        # Its output goes to the log: whoever holds a pipe would be waited for.
        run("/bin/sh", "-c", f"exec '{server_of}' -D '{data}' -l '{log}' -o \"{settings}\" -w start > /dev/null 2>&1")
        try:
            yield f"postgresql://clv@/postgres?host={folder}"
        finally:
            run(server_of, "-D", str(data), "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
