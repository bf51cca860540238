"""The table of the package's own files: it says what they say, and isn't believed where it is of others."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from pazpaz_otel.policy import load_policy, shipped
from pazpaz_otel.policy.document import Document

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    shipped._table.cache_clear()
    yield
    shipped._table.cache_clear()


@pytest.mark.parametrize("name", [*shipped.NAMES, "conventions"])
def test_the_table_says_what_the_files_say(name: str):
    """Types included, what the table holds is what the parser makes of the file."""
    made = json.loads(shipped.table())
    assert made[name][1] == Document(shipped.text_of(name), name).data
    assert shipped.content(name) == made[name][1]


def test_a_table_of_other_files_is_not_believed(monkeypatch: pytest.MonkeyPatch):
    """Where a file was edited since, the file counts."""
    edited = shipped.text_of("default") + "\nhosts: [edited.example]\n"
    monkeypatch.setattr(shipped, "text_of", lambda _: edited)
    assert shipped.content("default")["hosts"] == ["edited.example"]


def test_a_process_with_the_default_policy_needs_no_parser():
    """The default policy is loaded without PyYAML."""
    code = "import sys; from pazpaz_otel.policy import load_policy; load_policy(); sys.exit('yaml' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_digest_does_not_depend_on_the_table(monkeypatch: pytest.MonkeyPatch):
    """A policy's digest is the same whichever way it was read."""
    from pazpaz_otel.policy import load

    digest = load_policy().digest
    monkeypatch.setattr(shipped, "_table", dict)
    load._shipped.cache_clear()
    load._built.cache_clear()
    assert load_policy().digest == digest
    load._shipped.cache_clear()
    load._built.cache_clear()
