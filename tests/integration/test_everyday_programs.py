"""Programs as application teams write them, each written before its texts were tried: what they say arrives."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.integration.idiom_run import run_idioms

pytestmark = pytest.mark.long

CORPORA = Path(__file__).parent / "corpora"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["courier", "desk", "fair", "ferry", "garden", "stalls", "till", "ward"])
def test_what_a_program_says_arrives_without_its_values(name: str, tmp_path: Path) -> None:
    """Each idiom's literal pieces arrive in one text, in their order, and no value does."""
    expected: dict[str, list[str]] = json.loads((CORPORA / name / "expected.json").read_text("utf-8"))
    ran = run_idioms(f"{name}.main", CORPORA / name, tmp_path, as_main=True)
    said = {line.split()[0] for line in ran.said.decode().splitlines() if line}
    assert expected.keys() <= said
    lost = {idiom: text for idiom, texts in expected.items() for text in texts if not _arrived(text, ran.arrived)}
    assert lost == {}
    assert ran.leaked == []


def _arrived(text: str, arrived: str) -> bool:
    forms = (text.split("…"), [json.dumps(piece)[1:-1] for piece in text.split("…")])
    return any(re.search(".{0,200}?".join(map(re.escape, pieces)), arrived, re.DOTALL) for pieces in forms)
