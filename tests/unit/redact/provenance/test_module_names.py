"""Names that data gave to modules and classes, in the ways in which plug-ins and generated classes get theirs."""

from __future__ import annotations

import importlib.util
import json
import logging
import sys
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from pazpaz_otel.redact.exceptions import view
from pazpaz_otel.redact.logger_names import logger_name
from pazpaz_otel.redact.provenance.module_index import class_name, class_name_proven, module_proven

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PATIENT = "dvora mizrahi".title().replace(" ", "")
PLUGIN = "class PluginError(ValueError):\n    pass\n"


def _load(name: str, file: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    file.parent.mkdir(exist_ok=True)
    file.write_text(PLUGIN)
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, name, module)
    spec.loader.exec_module(module)
    return module


def test_a_file_that_is_loaded_under_another_name_does_not_prove_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Neither the module's name nor that of a package of it leaves; its class leaves without them."""
    module = _load(PATIENT, tmp_path / "plugin.py", monkeypatch)
    assert not module_proven(PATIENT)
    assert class_name(module.PluginError) == "PluginError"
    assert not class_name_proven(f"{PATIENT}.PluginError")
    below = _load(f"{PATIENT}.views", tmp_path / "views.py", monkeypatch)
    assert not module_proven(below.__name__)
    own = _load("clinic_plugin", tmp_path / "clinic_plugin.py", monkeypatch)
    assert class_name(own.PluginError) == "clinic_plugin.PluginError"


def test_a_package_is_named_by_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A package's own file says nothing."""
    assert module_proven(_load("ward_seven", tmp_path / "ward_seven" / "__init__.py", monkeypatch).__name__)
    assert not module_proven(_load(PATIENT, tmp_path / "ward_eight" / "__init__.py", monkeypatch).__name__)


def test_a_second_name_of_a_module_proves_nothing(monkeypatch: pytest.MonkeyPatch):
    """`sys.modules` takes a loaded module under any name, and a made one any module's specification."""
    monkeypatch.setitem(sys.modules, PATIENT, logging)
    assert not module_proven(PATIENT)
    made = ModuleType(PATIENT)
    made.__spec__ = logging.__spec__
    monkeypatch.setitem(sys.modules, PATIENT, made)
    assert not module_proven(PATIENT)


@pytest.mark.parametrize("name", ["sys", "os", "logging.handlers", "importlib.metadata", "opentelemetry.trace", "_ssl"])
def test_what_was_imported_is_proven(name: str):
    """Built-in and frozen modules, packages, packages without a file, and extension modules."""
    importlib.import_module(name)
    assert module_proven(name)


@pytest.mark.parametrize("kind", ["made", "renamed"])
def test_a_class_that_data_named_names_no_logger(kind: str, monkeypatch: pytest.MonkeyPatch):
    """Wherever the class is held: under its name in a module, `getLogger` of both proves the module only."""
    made = type(PATIENT if kind == "made" else "Form", (), {"__module__": __name__})
    made.__name__ = made.__qualname__ = PATIENT
    monkeypatch.setattr(sys.modules[__name__], PATIENT, made, raising=False)
    assert logger_name(f"{__name__}.{PATIENT}") == __name__


class Ward:
    """A class that a test renames."""

    def __init__(self) -> None: ...


def _added() -> object:
    return Ward() + 1  # type: ignore[operator]


def _read() -> object:
    return Ward.beds  # type: ignore[attr-defined]


def _dumped() -> object:
    return json.dumps(Ward())


@pytest.mark.parametrize("fails", [_added, _read, _dumped])
def test_a_class_that_data_renamed_has_no_name(fails: Callable[[], object]):
    """CPython's messages have a class's `__name__`, which can be set to anything."""
    own = _message(fails)
    assert "Ward" in own
    Ward.__name__ = PATIENT
    try:
        renamed = _message(fails)
    finally:
        Ward.__name__ = "Ward"
    assert renamed == own.replace("Ward", "{type}")


@pytest.mark.parametrize("fails", [_added, _read, _dumped])
def test_a_class_that_data_renamed_after_it_was_proven_has_no_name(fails: Callable[[], object]):
    """What was proven of a class holds for the names that it had then."""
    own = _message(fails)
    assert class_name(Ward) == f"{__name__}.Ward"
    Ward.__name__ = Ward.__qualname__ = PATIENT
    try:
        renamed = _message(fails)
        name = class_name(Ward)
    finally:
        Ward.__name__ = Ward.__qualname__ = "Ward"
    assert name is None
    assert renamed == own.replace("Ward", "{type}")


def _message(fails: Callable[[], object]) -> str:
    with pytest.raises((AttributeError, TypeError)) as caught:
        fails()
    return view(caught.value).message or ""
