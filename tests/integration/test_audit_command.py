"""`pazpaz-otel audit --app`, as the developer of an application runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pazpaz_otel.settings import inherited

pytestmark = pytest.mark.slow

_GUARDED = """
import logging

from fastapi import FastAPI, Header, HTTPException

app = FastAPI()


@app.get("/clients/{client_id}")
def read(client_id: str, name: str = "", authorization: str = Header("")):
    if authorization != "Bearer let-me-in":
        raise HTTPException(401, f"not you, {client_id}")
    logging.getLogger("clinic").info(f"client {client_id} is {name}")
    raise LookupError(f"no client {client_id}")
"""
_PRINTING = _GUARDED.replace("    raise LookupError", '    print("read", client_id, flush=True)\n    raise LookupError')


def _audit(folder: Path, source: str, *arguments: str) -> tuple[int, Any, str]:
    (folder / "clinic.py").write_text(source)
    command = [str(Path(sys.executable).with_name("pazpaz-otel")), "audit", "--app", "clinic:app", "--json"]
    command += ["--header", "Authorization: Bearer let-me-in", "--seed", "4", *arguments]
    done = subprocess.run(
        command, cwd=folder, env=inherited(), capture_output=True, text=True, timeout=240, check=False
    )
    return done.returncode, json.loads(done.stdout) if done.stdout else None, done.stderr


def test_a_guarded_application_is_clean(tmp_path: Path) -> None:
    """An application that says much, through telemetry only, is audited through its own routes: exit code 0."""
    code, report, _ = _audit(tmp_path, _GUARDED)
    assert code == 0
    assert report["leaks"] == []
    assert report["missing"] == []
    assert {"http.path", "http.query", "http.header", "http.body"} <= set(report["surfaces"])


def test_an_application_that_prints_is_found(tmp_path: Path) -> None:
    """What an application writes past its logging is found on standard output: exit code 1."""
    code, report, _ = _audit(tmp_path, _PRINTING)
    assert code == 1
    assert {leak["found"] for leak in report["leaks"]} == {"stdout"}
    assert {leak["planted"] for leak in report["leaks"]} == {"http.path"}


def test_an_application_that_cannot_be_imported(tmp_path: Path) -> None:
    """Where there is nothing to audit, exit code 2 and the reason."""
    code, report, error = _audit(tmp_path, "import nothing_of_that_name\n")
    assert code == 2
    assert report is None
    assert "ModuleNotFoundError" in error
