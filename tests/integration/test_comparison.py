"""The page that compares ways of watching: its table has the script's form, and our column can be measured again."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bench.comparison.__main__ import FACTS, PLANTED, measure, table
from bench.comparison.variants import VARIANTS

PAGE = Path(__file__).parents[2] / "docs" / "comparison.md"


def _rows(text: str) -> dict[str, list[str]]:
    lines = [line for line in text.splitlines() if line.startswith("|") and not line.startswith("|---")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {row[0]: row[1:] for row in cells}


def test_the_table_is_what_the_script_writes() -> None:
    """The page's table, read and written again by the script, is the same text, and no way of watching is missing."""
    block = re.findall(r"<!-- measured -->\n\n(.*)\n\n<!-- /measured -->", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    rows = _rows(block[0])
    results = {}
    for number, variant in enumerate(VARIANTS):
        head = rows[""][number]
        assert head.startswith(f"{variant.title} ")
        left = {place for place in PLANTED if rows[place][number] == "**leaves**"}
        kept = {fact for fact in FACTS if rows[fact][number] == "kept"}
        results[variant.title] = head.removeprefix(f"{variant.title} "), left, kept
    assert table(results) == block[0]


@pytest.mark.slow
def test_our_column_is_measured() -> None:
    """With this distribution no planted value leaves, and every fact does: measured on a real run, as the page says."""
    result = measure(VARIANTS[-1])
    assert not isinstance(result, str), result
    _, left, kept = result
    assert left == set()
    assert kept == set(FACTS)
