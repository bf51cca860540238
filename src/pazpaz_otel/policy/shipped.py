"""The contents of the package's YAML files, read from a JSON table that is built with the package.

A starting process needs the contents but no line numbers, and parsing YAML takes longer than everything else a policy
needs. A table that doesn't match the files beside it, such as after an edit, is ignored and the files are parsed.
"""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

NAMES: Final = ("default", "pazpaz")
"""The policies in the package."""
TABLE: Final = "shipped.json"
_FILES: Final = {"conventions": "vocabulary/conventions.yaml", **{name: f"{name}.yaml" for name in NAMES}}


def content(name: str) -> dict[str, Any]:
    """Return a file's data: `default`, `pazpaz`, or `conventions` for the vocabulary."""
    table = _table()
    text = text_of(name)
    made_of, data = table.get(name, (None, None))
    return data if made_of == _digest(text) and isinstance(data, dict) else _parsed(name, text)


def text_of(name: str) -> str:
    """Return the text of one of the files."""
    return files("pazpaz_otel.policy").joinpath(_FILES[name]).read_text(encoding="utf-8")


def table() -> str:
    """Build the table, for `make generate`."""
    made = {name: (_digest(text := text_of(name)), _parsed(name, text)) for name in _FILES}
    return json.dumps(made, separators=(",", ":"), ensure_ascii=False) + "\n"


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    try:
        return dict(json.loads(files("pazpaz_otel.policy").joinpath(TABLE).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _parsed(name: str, text: str) -> dict[str, Any]:
    from pazpaz_otel.policy.document import Document  # noqa: PLC0415 - the table exists to avoid loading the parser

    return Document(text, _FILES[name]).data
