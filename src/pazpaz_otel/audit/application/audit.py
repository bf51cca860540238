"""Audit an application: start it as its users do, send planted requests, and search every byte that left."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from pazpaz_otel.audit.application.client import Client
from pazpaz_otel.audit.application.coverage import Coverage
from pazpaz_otel.audit.application.describe import NOT_THERE
from pazpaz_otel.audit.application.login import Login
from pazpaz_otel.audit.application.metrics_pages import served
from pazpaz_otel.audit.application.operations import operations
from pazpaz_otel.audit.application.plants import planting
from pazpaz_otel.audit.application.ports import listening
from pazpaz_otel.audit.application.recorded import read_traffic
from pazpaz_otel.audit.canaries import CanaryMaker
from pazpaz_otel.audit.excerpt import of_source
from pazpaz_otel.audit.plant.http_client import send
from pazpaz_otel.audit.plant.registry import Planter
from pazpaz_otel.audit.report import AFTER, AGAIN, renamed
from pazpaz_otel.audit.run import AuditError, examine, free_port, instrumented, last_words, receiving
from pazpaz_otel.integrations.library import PATHS
from pazpaz_otel.notices import OWN_LINE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pazpaz_otel.audit.application.operations import Operation
    from pazpaz_otel.audit.report import Report

_START: Final = 90.0
_QUIET: Final = 5.0
"""After how many seconds of waiting a line says so."""
_STOP: Final = 20.0
_DOCUMENTS: Final = ("/openapi.json", "/api/openapi.json", "/api/v1/openapi.json", "/schema.json")


@dataclass(frozen=True)
class Target:
    """What to audit.

    Attributes:
        app: `module:attribute` of an ASGI application. It says which routes there are, WebSockets included, and is
            served by uvicorn where there is no command.
        command: the command that starts the application.
        url: the URL that the application then serves.
        openapi: a file with its OpenAPI document; by default, the application is asked for it.
        traffic: a file of recorded requests, for what no schema describes.
        headers: headers for every request, as `Name: value`.
        login: a file with the login requests, in the format of `traffic`.
    """

    app: str | None = None
    command: Sequence[str] = ()
    url: str | None = None
    openapi: str | None = None
    traffic: str | None = None
    headers: Sequence[str] = field(default_factory=tuple)
    login: str | None = None


def audit_application(
    target: Target, environment: Mapping[str, str], *, seed: int, protocol: str = "http/protobuf"
) -> Report:
    """Audit an application.

    Args:
        target: what to audit, and how to reach it.
        environment: the application's environment; exporters and endpoints are overridden.
        seed: the seed of the invented data.
        protocol: ``http/protobuf`` or ``grpc``, as in ``OTEL_EXPORTER_OTLP_PROTOCOL``.

    Raises:
        AuditError: the application doesn't start, or says nothing of its routes.
    """
    described = _describe(target.app, environment) if target.app else {}
    if described.get("wsgi") and not target.command:
        raise AuditError(
            f"{target.app} is a WSGI application: name what starts it after --, and where it then answers with --url,"
            f" such as: pazpaz-otel audit --app {target.app} --url http://127.0.0.1:8000 -- opentelemetry-instrument"
            f" gunicorn {target.app}; --traffic or --openapi tell what its requests look like"
        )
    port = urlsplit(target.url or "").port or 80 if target.command else free_port()
    command = list(target.command) or _command(target.app or "", port)
    planter = Planter(CanaryMaker(seed))
    with (
        receiving(protocol) as (_, sinks, settings),
        tempfile.TemporaryDirectory(prefix="pazpaz-otel-audit-") as folder,
    ):
        files = {name: Path(folder) / name for name in ("stdout", "stderr")}
        coverage = Coverage(files)
        with _started(command, {**environment, **settings}, files, port):
            found = operations(_documents(target, described, port), described.get("routes", ()))
            traffic = read_traffic(target.traffic) if target.traffic else []
            if not found and not traffic:
                raise AuditError(
                    "the application's routes aren't known: it has no OpenAPI document; name one with --openapi, or"
                    " recorded requests with --traffic"
                )
            headers = {name.strip(): value.strip() for name, _, value in (one.partition(":") for one in target.headers)}
            login = Login(port, headers, read_traffic(target.login) if target.login else [])
            client = Client(port, login, coverage)
            coverage.begin()
            surfaces = planting(client, found, described.get("websockets", ()), traffic)
            planter.run(surfaces.all, lambda: None)
            pages = served(client, found)
        coverage.mark(AFTER)
        first = [len(sink.received) for sink in sinks]
        failures = [*planter.failures, *_start_again(command, {**environment, **settings}, files, port)]
        planted = {"plants": planter.record(), "failures": failures, "useful": _facts(found, coverage)}
        received = [
            replace(one, when=AGAIN) if number >= count else one
            for sink, count in zip(sinks, first, strict=True)
            for number, one in enumerate(sink.received)
        ]
        output = {name: file.read_bytes() for name, file in files.items()}
        report = examine(planted, received, {**output, **pages}, seed, coverage.lines)
    unreached = tuple(route for route in coverage.unreached if route not in login.reached)
    proven = {*unreached, *login.reached, *(f"GET {path}" for path in PATHS)}
    unplanted = tuple(label for label, places in client.planted.items() if not places and label not in proven)
    routes = tuple(coverage.as_dict(unreached, client.planted))
    report = replace(report, routes=routes, unreached=unreached, unplanted=unplanted)
    return renamed(report, {label: _shown(label) for label in client.planted})


def _shown(label: str) -> str:
    """Return a recorded request's method and path, with marks in place of what may be a person's in it."""
    method, _, path = label.partition(" ")
    return f"{method} {of_source(path)}"


def _facts(found: Sequence[Operation], coverage: Coverage) -> list[tuple[str, str, str]]:
    """Return what an operator needs for each answered route: its span, by method and template, and its duration."""
    facts: list[tuple[str, str, str]] = []
    unreached = set(coverage.unreached)
    for operation in found:
        if operation.label in unreached or operation.label not in coverage.answers:
            continue
        if operation.template in PATHS:
            continue
        facts += [("span.name", "", operation.label), ("span.attribute", "http.route", operation.template)]
        facts.append(("metric.attribute http.server.request.duration", "http.route", operation.template))
    return facts


def _command(app: str, port: int) -> list[str]:
    return [*instrumented(), "-m", "uvicorn", app, "--host", "127.0.0.1", "--port", str(port), "--app-dir", "."]


def _describe(app: str, environment: Mapping[str, str]) -> dict[str, Any]:
    command = [sys.executable, "-m", "pazpaz_otel.audit.application.describe", app]
    settings = {**environment, "OTEL_SDK_DISABLED": "true", "SENTRY_DSN": ""}
    done = subprocess.run(command, env=settings, capture_output=True, timeout=_START, check=False)  # noqa: S603
    said = last_words(done.stderr)
    told = said[-1] if said else ""
    if done.returncode == NOT_THERE and told.startswith(OWN_LINE):
        raise AuditError(told.removeprefix(OWN_LINE))
    if done.returncode:
        raise AuditError("\n".join([f"{app} can't be imported:", *said]))
    described: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return described


def _documents(target: Target, described: Mapping[str, Any], port: int) -> list[tuple[str, Mapping[str, Any]]]:
    """Return the application's OpenAPI documents, each with its mount path."""
    if target.openapi:
        try:
            loaded: dict[str, Any] = json.loads(Path(target.openapi).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise AuditError(f"{target.openapi} can't be read as JSON ({type(error).__name__})") from None
        return [("", loaded)]
    if described.get("documents"):
        return [(prefix, document) for prefix, document in described["documents"]]
    for path in _DOCUMENTS:
        answer = send(port, "GET", path)
        if answer.status == HTTPStatus.OK:
            with contextlib.suppress(ValueError):
                document = json.loads(answer.body)
                if isinstance(document, dict) and "paths" in document:
                    return [("", document)]
    return []


def _start_again(
    command: Sequence[str], environment: Mapping[str, str], files: Mapping[str, Path], port: int
) -> Iterator[str]:
    """Start the application on what it stored, as only then its start-up can leak; yield the reason if it can't."""
    try:
        with _started(command, environment, files, port):
            pass
    except AuditError as error:
        yield f"the next start: {str(error).partition(chr(10))[0]}"


@contextlib.contextmanager
def _started(
    command: Sequence[str], environment: Mapping[str, str], files: Mapping[str, Path], port: int
) -> Iterator[None]:
    """Run a command until the block ends; its output is appended to the files."""
    with files["stdout"].open("ab") as out, files["stderr"].open("ab") as err:
        try:
            process = subprocess.Popen(command, env=dict(environment), stdout=out, stderr=err)  # noqa: S603 - the user's
        except OSError as error:
            raise AuditError(f"{command[0]} can't be started: {error.strerror}") from None
        try:
            _wait(process, port, files["stderr"])
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(_STOP)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(process: subprocess.Popen[bytes], port: int, errors: Path) -> None:
    started, told = time.monotonic(), False
    deadline = started + _START
    while time.monotonic() < deadline:
        if process.poll() is not None:
            said = [f"the application ended with {process.returncode} before it answered:"]
            said += [*last_words(errors.read_bytes()), "(started by itself, it says what isn't in its source, too)"]
            raise AuditError("\n".join(said))
        if send(port, "HEAD", "/").status:
            return
        if not told and time.monotonic() > started + _QUIET:
            told = True
            sys.stderr.write(f"waiting for the application to answer on port {port}{_elsewhere(process.pid, port)}\n")
        time.sleep(0.1)
    raise AuditError(
        f"the application didn't answer on port {port} within {_START:.0f} s{_elsewhere(process.pid, port)}"
    )


def _elsewhere(pid: int, port: int) -> str:
    """Return what to append where an application listens, but not on the port that it is waited for at."""
    found = listening(pid)
    ports = " and ".join(map(str, found if port not in found else ()))
    return f"; it listens on {ports}: does --url name another port?" if ports else ""
