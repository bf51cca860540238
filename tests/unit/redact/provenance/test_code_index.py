"""Which namespace belongs to a loaded module."""

from __future__ import annotations

import runpy
import sys
from importlib.machinery import ModuleSpec
from types import CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from pazpaz_otel.redact.provenance.code_index import filename_of, is_loaded
from pazpaz_otel.redact.provenance.source import is_own_file

if TYPE_CHECKING:
    from collections.abc import Callable
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


SENDS = "def work():\n    return 'one'\n"


def _sent(file: Path, source: str = SENDS) -> FunctionType:
    """Make a function of what cloudpickle sends: its code without the file, and a part of its globals."""
    [code] = [c for c in compile(source, str(file), "exec", dont_inherit=True).co_consts if isinstance(c, CodeType)]
    return FunctionType(code.replace(co_filename="<dynamic-code>"), {"__name__": "__main__", "__file__": str(file)})


def _in_loky(monkeypatch: pytest.MonkeyPatch, program: Path) -> None:
    main = ModuleType("__main__")
    main.__spec__ = ModuleSpec("joblib.externals.loky.backend.popen_loky_posix", None)
    monkeypatch.setitem(sys.modules, "__main__", main)
    monkeypatch.setattr(sys, "argv", [str(program)])


def _in_spawned(monkeypatch: pytest.MonkeyPatch, program: Path) -> None:
    main = ModuleType("__mp_main__")
    main.__file__ = str(program)
    for name in ("__main__", "__mp_main__"):
        monkeypatch.setitem(sys.modules, name, main)


@pytest.mark.parametrize("begin", [_in_loky, _in_spawned])
def test_a_function_that_was_sent_is_of_the_programs_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, begin: Callable[[pytest.MonkeyPatch, Path], None]
) -> None:
    """Only if the file compiles to it: the name of the file is data, and the file may have changed."""
    program, other = tmp_path / "program.py", tmp_path / "other.py"
    for file in (program, other):
        file.write_text(SENDS)
    begin(monkeypatch, program)
    work, elsewhere, changed = _sent(program), _sent(other), _sent(program, SENDS.replace("one", "two"))

    assert is_loaded(work.__globals__)
    assert filename_of(work.__code__, work.__globals__) == str(program)
    assert is_own_file(work.__code__, work.__globals__)
    assert not is_own_file(changed.__code__, changed.__globals__)
    assert not is_loaded(elsewhere.__globals__)
    assert not is_own_file(elsewhere.__code__, elsewhere.__globals__)


def test_the_program_itself_is_sent_no_function(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In its own process, a namespace that names its file is any dictionary."""
    program = tmp_path / "program.py"
    program.write_text(SENDS)
    main = ModuleType("__main__")
    main.__file__ = str(program)
    monkeypatch.setitem(sys.modules, "__main__", main)
    work = _sent(program)
    assert not is_loaded(work.__globals__)
    assert not is_own_file(work.__code__, work.__globals__)
