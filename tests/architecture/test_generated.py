"""What is generated and committed is what its source makes today."""

from __future__ import annotations

import pytest

from scripts.generate import GENERATORS, ROOT


@pytest.mark.parametrize("name", GENERATORS)
def test_generated_files_are_fresh(name: str):
    """Each file is what `make generate` writes."""
    stale = [
        path
        for path, text in GENERATORS[name]().items()
        if not (ROOT / path).is_file() or (ROOT / path).read_text(encoding="utf-8") != text
    ]
    assert stale == [], "run `make generate`"
