"""The attributes of OpenTelemetry's semantic conventions: kept with a kind, or refused with a reason.

`conventions.yaml` holds the kept ones, from which the default policy takes its attributes. `refused.yaml` holds the
others; only documentation and tests read it.
"""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.policy import shipped

if TYPE_CHECKING:
    from pazpaz_otel.policy.document import Document

PLACES: Final = ("signal", "metric", "resource")
"""Where an attribute of the default policy may be; no policy has those under `optional` until a project adds them."""


@lru_cache(maxsize=1)
def conventions() -> Document:
    """Return the kept attributes with their kinds, by place, as a document with line numbers."""
    return _document("conventions.yaml")


@lru_cache(maxsize=1)
def refused() -> dict[str, str]:
    """Return the refused attributes, each with its reason."""
    data = _document("refused.yaml").data
    return {key: data["reasons"][reason] for reason, keys in data["refused"].items() for key in keys}


@lru_cache(maxsize=1)
def places() -> dict[str, str]:
    """Return where each of the default policy's conventional attributes may be."""
    data = shipped.content("conventions")
    return {key: place for place in PLACES for key in data[place]}


def attributes() -> dict[str, Any]:
    """Return the default policy's conventional attributes, in policy syntax."""
    data = shipped.content("conventions")
    return {key: rule for place in PLACES for key, rule in data[place].items()}


def known_kind(key: str) -> str | None:
    """Return the kind of an optional attribute in policy syntax, or None."""
    rule = shipped.content("conventions")["optional"].get(key)
    return None if rule is None else rule if isinstance(rule, str) else json.dumps(rule)


def _document(name: str) -> Document:
    from pazpaz_otel.policy.document import Document  # noqa: PLC0415 - the parser isn't needed to start

    return Document(files(__name__).joinpath(name).read_text(encoding="utf-8"), name)
