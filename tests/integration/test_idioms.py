"""What everyday code says arrives, and no value with it: a generated program, run as its users would."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.integration.idiom_run import run_idioms
from tests.integration.idioms import program

if TYPE_CHECKING:
    from pathlib import Path

MODULE = "idioms_program"


@pytest.mark.slow
def test_everyday_idioms_are_readable_without_their_values(tmp_path: Path) -> None:
    """Each of 276 idioms arrives as the source's own text, in OTLP or at Sentry, and no byte of a value does."""
    source, texts, cases = program(MODULE)
    (tmp_path / f"{MODULE}.py").write_text(source, encoding="utf-8")
    (tmp_path / f"{MODULE}_texts.py").write_text(texts, encoding="utf-8")
    ran = run_idioms(MODULE, tmp_path, tmp_path)
    lost = [
        f"{case.name}: {case.leaves}"
        for case in cases
        if case.leaves not in ran.arrived and json.dumps(case.leaves)[1:-1] not in ran.arrived
    ]
    assert lost == []
    assert len(cases) >= 120
    assert ran.leaked == []
