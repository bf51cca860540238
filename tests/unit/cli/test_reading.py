"""A file or an answer of another shape ends a command in one line that says whose it is, never in a traceback."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from copy import deepcopy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from pazpaz_otel.cli import main
from pazpaz_otel.settings import inherited

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3]
SECRET = "the-secret-itself"
ALERT = yaml.safe_load((ROOT / "monitoring" / "sentry" / "alerts.yaml").read_text())["alerts"][0]["name"]
CONFIG = {"targetType": "user", "targetIdentifier": "70"}
RESULT = {"metric": {"job": "clinic", "service_version": "1", "alertname": "Down"}, "value": [1, "1"]}
GOOD: dict[str, Any] = {
    "/members/": [{"id": "7", "email": "alerts@pazpaz.app", "user": {"id": "70"}}],
    "/integrations/": [{"id": "1", "name": "Clinic"}],
    "/detectors/": [
        {"id": "100", "name": "Error Monitor", "type": "error", "dataSources": None},
        {
            "id": "101",
            "name": "More than 10 errors in 5 minutes",
            "type": "metric_issue",
            "dataSources": [{"queryObj": {"snubaQuery": {"query": "level:error"}}}],
            "conditionGroup": {"conditions": [{"type": "gt", "comparison": 3, "conditionResult": 75}]},
        },
    ],
    "/workflows/": [
        {
            "id": "200",
            "name": ALERT,
            "detectorIds": ["100"],
            "config": {"frequency": 5},
            "triggers": {"conditions": [{"type": "first_seen_event"}]},
            "actionFilters": [
                {"conditions": [{"type": "a", "comparison": 1}], "actions": [{"type": "email", "config": CONFIG}]}
            ],
        }
    ],
    "/projects/": {"slug": "p"},
    "/monitors": {"data": [{"id": 1, "friendlyName": "API"}], "nextLink": None},
    "/user/alert-contacts": [{"id": 5, "value": "alerts@pazpaz.app", "enableNotificationsFor": "Down"}],
    "/api/v1/query": {"data": {"result": [RESULT]}},
    "/health": {"status": "healthy"},
}
COMMANDS = {
    "sentry": ["sentry", "apply", "--folder", f"{ROOT}/monitoring/sentry", "--organization", "o", "--project", "p"],
    "uptime": ["uptime", "apply", "--monitors", f"{ROOT}/monitoring/uptime/monitors.yaml"],
    "deployed": ["deployed", "--wait", "0", "--release", "1"],
}
ASKED = {"sentry": list(GOOD)[:5], "uptime": list(GOOD)[5:7], "deployed": list(GOOD)[7:]}
WHOLE = [b"", b"<html>log in</html>", b'{"data": [', b"null", b"[]", b"3", b'["a"]', b"[" * 100_000, b"\xff", b"NaN"]


def _mutants(good: Any) -> Iterator[Any]:
    """What `good` is with each of its values missing or another."""
    for path in _paths(good):
        for value in (None, [], "x", 3, {"a": None}, ...):
            mutant: Any = {"root": deepcopy(good)}
            inner = mutant
            for step in ("root", *path)[:-1]:
                inner = inner[step]
            last = path[-1] if path else "root"
            if value is ...:
                del inner[last]
            else:
                inner[last] = value
            if "root" in mutant:
                yield mutant["root"]


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    for step in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield from _paths(value[step], (*path, step))


class _Told(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("content-length") or 0))
        told = self.server.told  # type: ignore[attr-defined]
        body = next((body for part, body in told.items() if part in self.path), b"{}")
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self.do_GET
        raise AttributeError(name)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[Any]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Told) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SENTRY_AUTH_TOKEN", SECRET)
    file = tmp_path / "key"
    file.write_text(SECRET)
    file.chmod(0o600)
    return file


@pytest.mark.parametrize(("command", "asked"), [(name, part) for name, parts in ASKED.items() for part in parts])
def test_an_answer_of_another_shape_ends_in_one_line(
    server: Any, command: str, asked: str, key: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A page, half an answer, another type or a missing key is said to be such, without the secret."""
    url = f"http://127.0.0.1:{server.server_port}"
    own = {"sentry": ["--url", url], "uptime": ["--api", url, "--key-file", str(key)]}
    arguments = [*COMMANDS[command], *own.get(command, [url, "--prometheus", url])]
    good = {part: json.dumps(answer).encode() for part, answer in GOOD.items()}
    for body in [*WHOLE, *(json.dumps(mutant).encode() for mutant in _mutants(GOOD[asked]))]:
        server.told = {**good, asked: body}
        code = main(arguments)
        written = capsys.readouterr()
        assert code in {0, 1, 2}
        assert len(written.err.splitlines()) == (1 if code == 2 else 0), body
        assert SECRET not in written.out + written.err
        assert code or body not in WHOLE[:4]


@pytest.mark.parametrize(
    "text",
    [
        b"\x80",
        b"a: 2026-13-45",
        b"[" * 5_000,
        b"- a",
        b"3",
        b"",
        b"monitors: 3",
        b"alerts: [{name: a}]",
        b"monitors: [a]",
    ],
)
def test_a_file_of_another_shape_ends_in_one_line(
    text: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever is in it, the file is named; nothing is asked of anybody."""
    monkeypatch.setenv("SENTRY_AUTH_TOKEN", SECRET)
    for name in ("alerts.yaml", "project.yaml"):
        (tmp_path / name).write_bytes(text)
    sentry = ["sentry", "apply", "--folder", str(tmp_path), "--organization", "o", "--project", "p"]
    for command in (sentry, ["uptime", "render", "--monitors", str(tmp_path / "alerts.yaml")]):
        assert main([*command]) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert str(tmp_path) in line


@pytest.mark.parametrize("arguments", [["--token-file"], ["--token-file", "--dry-run"]])
def test_a_token_file_that_is_no_text_is_named(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its bytes aren't shown."""
    (tmp_path / "token").write_bytes(b"\x80secret")
    arguments.insert(1, str(tmp_path / "token"))
    assert main(["sentry", "apply", "--organization", "o", "--project", "p", *arguments]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "--token-file" in line


def test_a_policy_with_a_number_for_a_key_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The fault names it."""
    (tmp_path / "policy.yaml").write_text("version: 1\nextends: default\n3: 4\n")
    assert main(["policy", "check", str(tmp_path / "policy.yaml")]) == 1
    assert "3" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("redirect", "coding"),
    [(">&-", "utf-8"), (">&- 2>&-", "utf-8"), ("> told", "ascii")],
    ids=["closed", "both", "ASCII"],
)
def test_a_stream_that_cannot_take_it_changes_no_answer(redirect: str, coding: str, tmp_path: Path) -> None:
    """The exit code is the same where standard output is closed or has no letters but ASCII."""
    (tmp_path / "policy.yaml").write_text(
        "version: 1\nextends: default\nattributes:\n  visit.kind: {enum: [première]}\n"
    )
    program = "import sys; from pazpaz_otel.cli import main; sys.exit(main(['policy', 'explain', 'policy.yaml']))"
    done = subprocess.run(
        f'"{sys.executable}" -c "{program}" {redirect}',
        shell=True,
        cwd=tmp_path,
        env=inherited({"PYTHONIOENCODING": coding}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
