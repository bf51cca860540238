"""A program of several modules, written by somebody who had not seen the others: what it says arrives."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.integration.idiom_run import run_idioms

FOLDER = Path(__file__).parent / "corpora" / "harbor"


@pytest.mark.slow
def test_a_program_of_several_modules_is_readable_without_its_values(tmp_path: Path) -> None:
    """Each of its idioms arrives as the source's own text, under its key where it is an attribute; no value does."""
    ran = run_idioms("harbor.program", FOLDER, tmp_path, as_main=True)
    cases = json.loads(ran.said.splitlines()[-1])

    def arrived(kind: str, text: str) -> bool:
        # A number isn't text on the wire: its key has to do.
        texts = [part for part in text.split("=", 1) if not part.isdigit()] if kind.startswith("attr") else [text]
        return all(part.strip("[]") in ran.arrived or json.dumps(part)[1:-1] in ran.arrived for part in texts)

    lost = [(name, text) for name, expected in cases for kind, text in expected if not arrived(kind, text)]
    assert lost == []
    assert len(cases) >= 90
    assert ran.leaked == []
