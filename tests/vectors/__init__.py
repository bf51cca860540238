"""The conformance vectors, as their runners read them."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pazpaz_otel import yaml_text

FOLDER = Path(__file__).parent
ENFORCERS = ("python", "collector_guarded", "collector_strict", "sentry", "typescript")


@dataclass(frozen=True)
class Vector:
    """One vector for one enforcer; README.md describes the fields."""

    id: str
    surface: str
    key: str
    input: Any
    beside: dict[str, Any]
    given: dict[str, list[str]]
    metric: str
    proven: bool
    expect: Any

    @property
    def output(self) -> Any:
        """The value that leaves; None where none does."""
        if self.expect == "keep":
            return self.input
        return self.expect["becomes"] if isinstance(self.expect, dict) else None


@functools.cache
def documents() -> tuple[dict[str, Any], ...]:
    """Return what each file of vectors holds, in the order of their names."""
    return tuple(yaml_text.load(file.read_text(encoding="utf-8")) for file in sorted(FOLDER.glob("*.yaml")))


def load(enforcer: str) -> list[Vector]:
    """The vectors that an enforcer has to fulfil: those that it doesn't skip."""
    assert enforcer in ENFORCERS
    found = []
    for document in documents():
        for vector in document["vectors"]:
            expect = vector["expect"].get(enforcer, vector["expect"].get("all", "skip"))
            if expect != "skip":
                found.append(
                    Vector(
                        id=vector["id"],
                        surface=document["surface"],
                        key=vector.get("key", document.get("key", "")),
                        input=vector["input"],
                        beside=vector.get("with", document.get("with", {})),
                        given=document.get("given", {}),
                        metric=document.get("metric", ""),
                        proven=vector.get("proven", False),
                        expect=expect,
                    )
                )
    return found
