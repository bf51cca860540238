"""Each command that README and the pages show runs as it stands there, or names the test that runs it."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from pazpaz_otel.settings import inherited
from tests.programs import free_port, wait_until
from tests.programs.running import get

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
OWN_TESTS: Final = ("operations.md",)
"""Pages whose commands `tests/stack/test_operations.py` runs in their order."""
PAGES = [
    ROOT / "README.md",
    *(page for page in sorted((ROOT / "docs").glob("*.md")) if page.name not in OWN_TESTS),
    *sorted((ROOT / "docs" / "operations").glob("*.md")),
]
ELSEWHERE: Final = {
    "pip install pazpaz-opentelemetry": ("scripts/check-install.sh", "-m pip install"),
    "python3 -m venv": ("scripts/check-install.sh", "-m venv"),
    ".venv/bin/pip install": ("scripts/check-install.sh", "-m pip install"),
    "make test": (".github/workflows/ci.yml", ".ci/run"),
    "pazpaz-otel audit --app app:app --header": ("tests/integration/test_audit_command.py", '"--header"'),
    "pazpaz-otel audit --app app:app --login": ("tests/integration/test_audit_command.py", '"--login"'),
    "pazpaz-otel audit --app app:app --traffic": ("tests/integration/test_audit_command.py", '"--traffic"'),
    "pazpaz-otel audit --app app:app --report": ("tests/integration/test_audit_command.py", '"--report"'),
    "pazpaz-otel audit --url": ("tests/integration/test_audit_command.py", '"--url"'),
    "pazpaz-otel sentry apply": ("tests/unit/cli/test_sentry.py", '"apply"'),
    "opentelemetry-instrument celery": ("tests/integration/test_jobs.py", '"celery"'),
    "python -m scripts.kubernetes": ("tests/stack/test_kubernetes.py", "scripts.kubernetes"),
    "kubectl": ("tests/stack/test_kubernetes.py", "cluster"),
}
"""The beginning of a command, the file that runs it, and how it stands there."""
PROGRAMS: Final = {
    "app.py": 'from fastapi import FastAPI\napp = FastAPI()\n@app.get("/ping")\ndef ping(): return {}\n',
    "nightly.py": 'print("done")\n',
}


def commands() -> Iterator[tuple[str, str, str]]:
    """Where each distinct command stands first, the variables that its block exports before it, and the command."""
    seen = set()
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for block in re.finditer(r"^```(?:sh|shell)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
            exported: list[str] = []
            where = f"{page.name}:{text[: block.start()].count(chr(10)) + 1}"
            for line in block[1].replace("\\\n", " ").splitlines():
                command = " ".join(line.partition("  #")[0].split())
                if command.startswith("export "):
                    exported.append(command.removeprefix("export "))
                elif command and command not in seen:
                    seen.add(command)
                    yield where, " ".join(exported), command


COMMANDS = list(commands())


def is_elsewhere(command: str) -> bool:
    return any(command.startswith(beginning) for beginning in ELSEWHERE)


@pytest.mark.parametrize("beginning", sorted(ELSEWHERE))
def test_a_command_that_is_run_elsewhere_is_run_there(beginning: str):
    """The named file is there, holds what it is named for, and a page still shows such a command."""
    file, mark = ELSEWHERE[beginning]
    assert mark in (ROOT / file).read_text(encoding="utf-8")
    assert any(command.startswith(beginning) for _, _, command in COMMANDS)


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [f"{exported} {command}" for _, exported, command in COMMANDS if not is_elsewhere(command)],
    ids=[f"{where} {command[-40:]}" for where, _, command in COMMANDS if not is_elsewhere(command)],
)
def test_a_command_of_a_page_runs(tmp_path: Path, command: str):
    """A server that is started as the page says answers and ends when it is told to; another command ends by itself."""
    for name, text in PROGRAMS.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "dropped.jsonl").touch()
    port = str(free_port())
    environment = inherited(
        {
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "UVICORN_PORT": port,
            "GUNICORN_CMD_ARGS": f"--bind=127.0.0.1:{port} --no-control-socket",
        }
    )
    with subprocess.Popen(
        ["sh", "-eu", "-c", command], cwd=tmp_path, env=environment, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    ) as process:  # fmt: skip
        if {"uvicorn", "gunicorn"} & set(shlex.split(command)):
            try:
                wait_until(lambda: get(f"http://127.0.0.1:{port}/ping")[0] == 200, command, 120)
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGTERM)
        told, _ = process.communicate(timeout=120)
    assert "Traceback" not in told, told
    # `doctor` has found that nothing listens at the default endpoint.
    assert process.returncode in ({1} if command.endswith("doctor") else {0, -signal.SIGTERM, 143}), told
