"""Names of classes that no statement defines."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

import pytest

from pazpaz_otel.redact.provenance.module_index import class_name, class_name_proven, simple_name_proven

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import ModuleType

MODULE = """
import dataclasses
LABELS = {"F32": "Depressed", "F10": "Drinking", "F40": "Anxious"}
ORDER = ["Depressed", "Anxious"]
class Mending:
    Inner = type("Inner", (ValueError,), {"__qualname__": "Mending.Inner", "__module__": __name__})
Assigned = type("Assigned", (ValueError,), {})
globals()["Subscribed"] = type("Subscribed", (ValueError,), {})
def named(name):
    globals()[name] = type(name, (ValueError,), {})
    return globals()[name]
named("Passed")
for each in ("First", "Second"):
    named(each)
def picked(code):
    return named(LABELS[code])
def found(code):
    return named(LABELS.get(code, "Drinking"))
def least(code):
    return named(next(name for name in ORDER if name.startswith(code)))
Anxiously = lambda text: text == "Anxious"
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """A module that makes classes."""
    (tmp_path / "making_of_a_test.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("making_of_a_test")
    del sys.modules["making_of_a_test"]


@pytest.mark.parametrize("name", ["Assigned", "Subscribed", "Passed", "First", "Second", "Mending.Inner"])
def test_a_name_that_the_source_gives_is_proven(module: Any, name: str) -> None:
    """It is bound, passed to a call, or one of those that a loop goes through."""
    cls = vars(module).get(name) or module.Mending.Inner
    assert class_name(cls) == f"making_of_a_test.{name}"
    assert simple_name_proven(name.rpartition(".")[2])


@pytest.mark.parametrize(("way", "code"), [("picked", "F32"), ("found", "F10"), ("least", "Anx"), ("least", "Dep")])
def test_a_name_that_data_picked_from_the_module_s_words_is_not(module: Any, way: str, code: str) -> None:
    """A table's entry may be a diagnosis, whatever holds the class that is named by it."""
    cls = getattr(module, way)(code)
    assert class_name(cls) is None
    assert not class_name_proven(f"making_of_a_test.{cls.__name__}")
    assert not simple_name_proven(cls.__name__)
