"""Every attribute of OpenTelemetry's semantic conventions: kept with a kind, or refused with a reason.

`conventions.yaml` has those that leave; the default policy takes its attributes from there. `refused.yaml` has the
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
"""Where an attribute of the default policy may stand; those under `optional` are in no policy until a project asks."""


@lru_cache(maxsize=1)
def conventions() -> Document:
    """Return the attributes that leave, with the kind of each, by the place where they stand, and their lines."""
    return _document("conventions.yaml")


@lru_cache(maxsize=1)
def refused() -> dict[str, str]:
    """Return the attributes that don't leave, each with the reason."""
    data = _document("refused.yaml").data
    return {key: data["reasons"][reason] for reason, keys in data["refused"].items() for key in keys}


@lru_cache(maxsize=1)
def places() -> dict[str, str]:
    """Return where each attribute of the default policy that the conventions name may stand."""
    data = shipped.content("conventions")
    return {key: place for place in PLACES for key in data[place]}


def attributes() -> dict[str, Any]:
    """Return the attributes of the default policy that the conventions name, as a policy has them."""
    data = shipped.content("conventions")
    return {key: rule for place in PLACES for key, rule in data[place].items()}


def known_kind(key: str) -> str | None:
    """Return the kind of an optional attribute, as a policy has it, or None."""
    rule = shipped.content("conventions")["optional"].get(key)
    return None if rule is None else rule if isinstance(rule, str) else json.dumps(rule)


def _document(name: str) -> Document:
    from pazpaz_otel.policy.document import Document  # noqa: PLC0415 - the parser isn't needed to start

    return Document(files(__name__).joinpath(name).read_text(encoding="utf-8"), name)
