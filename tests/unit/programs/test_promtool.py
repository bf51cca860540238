"""What promtool said is kept whole, or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from monitoring.promtool import run_cases

FAILED = "FAILED: exp: nothing, got: an alert"


def test_an_interrupted_run_keeps_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is interrupted while the words are written runs the tool again: half of them name fewer alerts."""
    tool, cases, cache = tmp_path / "promtool", tmp_path / "cases.yml", tmp_path / "cache"
    tool.write_text(f"#!/bin/sh\necho '{FAILED}'\n")
    tool.chmod(0o755)
    cases.write_text("tests: []")
    write = Path.write_text

    def interrupted(file: Path, text: str, **given: Any) -> int:
        write(file, text[:6], **given)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_text", interrupted)
        with pytest.raises(KeyboardInterrupt):
            run_cases(cases, [], tool, cache)
    for _ in range(2):
        assert run_cases(cases, [], tool, cache).strip() == FAILED
    assert len(list(cache.iterdir())) == 1
