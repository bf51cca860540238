"""What the package's own YAML files say: read from a table that is made of them when the package is made.

A process that starts needs what they say, not on which line; to parse them costs more than all the rest of a policy.
A table that isn't of the files beside it, as when one was edited, isn't believed: then the files are parsed.
"""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

NAMES: Final = ("default", "pazpaz")
"""The package's own policies."""
TABLE: Final = "shipped.json"
_FILES: Final = {"conventions": "vocabulary/conventions.yaml", **{name: f"{name}.yaml" for name in NAMES}}


def content(name: str) -> dict[str, Any]:
    """Return what a file says: `default`, `pazpaz`, or `conventions` of the vocabulary."""
    table = _table()
    text = text_of(name)
    made_of, data = table.get(name, (None, None))
    return data if made_of == _digest(text) and isinstance(data, dict) else _parsed(name, text)


def text_of(name: str) -> str:
    """Return the text of one of the files."""
    return files("pazpaz_otel.policy").joinpath(_FILES[name]).read_text(encoding="utf-8")


def table() -> str:
    """Return the table anew, as `make generate` writes it."""
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
    from pazpaz_otel.policy.document import Document  # noqa: PLC0415 - the parser is what the table spares

    return Document(text, _FILES[name]).data
