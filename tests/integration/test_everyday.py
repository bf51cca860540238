"""What people write arrives: 200 further idioms, run as a program under the distribution."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.integration.idiom_run import run_idioms

FOLDER = Path(__file__).parent / "corpora" / "everyday"


@pytest.mark.slow
def test_what_people_write_is_readable_without_its_values(tmp_path: Path) -> None:
    """At least 95 % of the idioms arrive as the source's own text, and no byte of a value does.

    A text that data picks from several stays: one of the idioms says so.
    """
    ran = run_idioms("everyday", FOLDER, tmp_path)
    cases = json.loads(ran.said.splitlines()[-1])
    read = {text: text in ran.arrived or json.dumps(text, ensure_ascii=False)[1:-1] in ran.arrived for text, _ in cases}
    assert len(cases) >= 200
    assert [text for text, chosen in cases if read[text] == chosen] == []
    assert sum(read.values()) >= 0.95 * len(cases)
    assert ran.leaked == []
