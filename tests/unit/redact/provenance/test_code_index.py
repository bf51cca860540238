"""Which namespace belongs to a loaded module."""

from __future__ import annotations

import runpy
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from pazpaz_otel.redact.provenance.code_index import is_loaded

if TYPE_CHECKING:
    from pathlib import Path

FUNCTION = "def work():\n    return 1\n"
CLASS = "class Work:\n    def work(self):\n        return 1\n"


@pytest.mark.parametrize("source", [FUNCTION, CLASS])
def test_a_program_that_multiprocessing_ran_again_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    """Its functions look names up in the namespace that the module is a copy of, and no other has its name."""
    file = tmp_path / "program.py"
    file.write_text(source)
    held = runpy.run_path(str(file), run_name="__mp_main__")
    module = ModuleType("__mp_main__")
    module.__dict__.update(held)
    monkeypatch.setitem(sys.modules, "__mp_main__", module)

    function: Any = held["work"] if source == FUNCTION else held["Work"].work
    assert is_loaded(function.__globals__)
    assert is_loaded(module.__dict__)
    assert not is_loaded(dict(function.__globals__))
    made: dict[str, Any] = {"__name__": "__mp_main__", "__file__": str(file)}
    exec(compile(source, str(file), "exec"), made)
    assert not is_loaded(made)


def test_a_copy_of_any_other_modules_namespace_is_not_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only `multiprocessing` makes one."""
    held = {"__name__": "program"}
    exec(FUNCTION, held)
    module = ModuleType("program")
    module.__dict__.update(held)
    monkeypatch.setitem(sys.modules, "program", module)
    assert is_loaded(module.__dict__)
    assert not is_loaded(held)
    assert not is_loaded({})
