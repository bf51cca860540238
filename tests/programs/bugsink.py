"""A real Sentry-compatible server, Bugsink, and a proxy in front of it that keeps every byte.

Bugsink's licence (PolyForm Shield) isn't a free one: it is a program of the tests, in a virtual environment of its own,
and no part of what is shipped.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shutil
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self

from pazpaz_otel.audit.sinks import Received, Sink, unpack
from tests.programs.cache import cached
from tests.programs.ports import free_port
from tests.programs.process import Program, wait_until
from tests.programs.pypi import pypi_folder

if TYPE_CHECKING:
    from pathlib import Path

REQUIREMENT = "bugsink==2.6.*"
_CONF = """
BUGSINK |= {"PHONEHOME": False, "KEEP_ENVELOPES": 1000, "VALIDATE_ON_DIGEST": %r, "INGEST_STORE_BASE_DIR": %r}
"""
_SETUP = """
from bsmain.models import AuthToken
from projects.models import Project
from teams.models import Team
team = Team.objects.create(name="tests")
project = Project.objects.create(name="api", team=team)
token = AuthToken.create_full_access() if hasattr(AuthToken, "create_full_access") else AuthToken.objects.create()
print("MADE", project.id, project.dsn, token.token)
"""


def bugsink_folder() -> Path:
    """The `bin` folder of a virtual environment that has Bugsink; got from the Python package index once."""
    return pypi_folder("bugsink", (REQUIREMENT,)) / "bin"


def _databases() -> list[Path]:
    """Bugsink's databases with all tables and no rows, made once: migrations take seven seconds of CPU."""

    def build(folder: Path) -> None:
        _configure(folder, 0)
        for arguments in (["migrate"], ["migrate", "--database=snappea"]):
            _run(folder, "bugsink-manage", *arguments)

    return list(cached("bugsink-databases", str(bugsink_folder()), build).glob("*.sqlite3"))


def _configure(folder: Path, port: int) -> None:
    _run(folder, "bugsink-create-conf", "--template=local", "--host=127.0.0.1", f"--port={port}")


def _environment(folder: Path) -> dict[str, str]:
    return {"DJANGO_SETTINGS_MODULE": "bugsink_conf", "PYTHONPATH": str(folder), "PYTHONWARNINGS": "ignore"}


def _run(folder: Path, program: str, *arguments: str, stdin: str = "") -> str:
    done = subprocess.run(
        [str(bugsink_folder() / program), *arguments],
        cwd=folder,
        env={**os.environ, **_environment(folder)},
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{program} {' '.join(arguments)}: {done.stdout[-1000:]}{done.stderr[-2000:]}")
    return done.stdout


class Bugsink(Program):
    """Bugsink with one project.

    Args:
        folder: a folder of its own.
        validate: what it does with an event that Sentry's schema doesn't allow: `strict` refuses, `warn` logs.

    Attributes:
        dsn: the project's DSN, straight to Bugsink.
        url: where it listens.
    """

    def __init__(self, folder: Path, validate: str = "strict") -> None:
        self._validate = validate
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.dsn = ""
        self.project = ""
        self._token = ""
        command = [
            *(str(bugsink_folder() / "python"), "-m", "gunicorn", "--no-control-socket", "-w", "1", "-k", "gthread"),
            *("--threads", "4", "--bind", f"127.0.0.1:{self.port}", "bugsink.wsgi"),
        ]
        super().__init__(command, folder, _environment(folder), name="bugsink")

    def start(self) -> Self:
        """Create its configuration, database and project, then serve."""
        self.folder.mkdir(parents=True, exist_ok=True)
        _configure(self.folder, self.port)
        conf = self.folder / "bugsink_conf.py"
        conf.write_text(conf.read_text() + _CONF % (self._validate, str(self.folder / "ingest")))
        for database in _databases():
            shutil.copy(database, self.folder)
        said = _run(self.folder, "bugsink-manage", "shell", stdin=_SETUP)
        made = next(line for line in said.splitlines() if "MADE " in line).partition("MADE ")[2]
        self.project, self.dsn, self._token = made.split()
        return super().start()

    def ready(self) -> bool:
        """Whether its API answers."""
        return self._read("projects/") is not None

    def events(self) -> list[dict[str, Any]]:
        """The events that it has stored, whole."""
        return [self._read(f"events/{event['id']}/") for event in self._listed()]

    def stored(self) -> set[str]:
        """The identifiers, as the SDK gave them, of the events that it has stored."""
        return {str(event["event_id"]).replace("-", "") for event in self._listed()}

    def wait_for(self, event_ids: set[str], timeout: float = 5.0) -> None:
        """Wait until it has stored these events.

        Raises:
            TimeoutError: it hasn't within `timeout` seconds.
        """
        wait_until(lambda: event_ids <= self.stored(), f"{len(event_ids)} events in Bugsink", timeout)

    def _listed(self) -> list[dict[str, Any]]:
        issues = self._results(f"issues/?project={self.project}")
        return [event for issue in issues for event in self._results(f"events/?issue={issue['id']}")]

    def _results(self, path: str) -> list[dict[str, Any]]:
        """All pages of a listing."""
        found: list[dict[str, Any]] = []
        page: str | None = path
        while page:
            answer = self._read(page)
            found += answer["results"]
            rest = answer.get("next")
            page = rest.partition("/api/canonical/0/")[2] if rest else None
        return found

    def _read(self, path: str) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        with contextlib.closing(connection):
            connection.request(
                "GET",
                f"/api/canonical/0/{path}",
                headers={"Authorization": f"Bearer {self._token}", "Host": "127.0.0.1"},
            )
            response = connection.getresponse()
            body = response.read()
        if response.status != 200:
            raise OSError(f"{path}: {response.status} {body[:200]!r}")
        return json.loads(body)


class Recorder(Sink):
    """A proxy that keeps each request, with its headers, and passes it on.

    Args:
        port: the port of 127.0.0.1 to pass it on to.

    Attributes:
        answers: the statuses that came back.
        heads: the requests' lines and headers, as they came.
    """

    def __init__(self, port: int) -> None:
        super().__init__()
        self.answers: list[int] = []
        self.heads: list[bytes] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self, port))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self.port = int(self._server.server_address[1])

    def dsn(self, dsn: str, target: int) -> str:
        """A DSN of the server behind, led through here."""
        return dsn.replace(f":{target}/", f":{self.port}/")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler(recorder: Recorder, port: int) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            recorder.heads.append(self.requestline.encode() + b"\n" + bytes(self.headers))
            recorder.keep(
                Received("sentry", self.path, headers, unpack(body, headers.get("content-encoding", "")), None)
            )
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            with contextlib.closing(connection):
                connection.request("POST", self.path, body, dict(self.headers.items()))
                response = connection.getresponse()
                answer = response.read()
            recorder.answers.append(response.status)
            self.send_response(response.status)
            self.send_header("content-type", response.getheader("content-type") or "application/json")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    return Handler
