"""Code, classes and modules that are made while the program runs prove nothing: their names are of any text."""

from __future__ import annotations

import sys
import types
from functools import partial
from importlib.machinery import ModuleSpec
from typing import TYPE_CHECKING, Any

import pytest

from pazpaz_otel.redact import exceptions, text
from pazpaz_otel.redact.provenance import module_index

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# Not a constant of this file, which would prove it.
NAME = "".join(reversed("nesztaK arovD")).replace(" ", "")


def _raised(raiser: Callable[[], Any]) -> str:
    try:
        raiser()
    except Exception as error:
        return exceptions.render(exceptions.view(error))
    raise AssertionError("nothing was raised")


def _plain() -> None:
    raise ValueError("Clinic is closed")


def test_a_function_renamed_at_run_time_is_not_told() -> None:
    """A frame's function and line are told only as the module's source has them, whatever its code says of itself."""
    code = _plain.__code__.replace(co_name=NAME, co_qualname=NAME)
    assert NAME not in _raised(types.FunctionType(code, globals()))
    code = _plain.__code__.replace(co_firstlineno=234567891)
    assert "2345678" not in _raised(types.FunctionType(code, globals()))


def test_code_compiled_into_a_module_is_not_told() -> None:
    """A function that `exec` puts into a loaded module, under its file's name, isn't named in a stack trace."""
    space = globals()
    exec(compile(f"def {NAME}():\n    raise ValueError('Clinic is closed')\n", __file__, "exec"), space)
    assert NAME not in _raised(space.pop(NAME))


def test_a_class_made_of_a_text_is_not_told() -> None:
    """A class that `type` made has its base's name, also if it was put into its module."""
    made = type(NAME, (LookupError,), {"__module__": __name__})
    globals()[NAME] = made
    try:
        assert exceptions.view(made("x")).type == "LookupError"
        assert not module_index.class_name_proven(f"{__name__}.{NAME}")
        assert not module_index.simple_name_proven(NAME)
    finally:
        del globals()[NAME]


def test_a_module_made_of_a_text_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A module that was made and not imported proves neither its own name nor that of a class in it."""
    module = types.ModuleType(NAME)
    made = type("Closed", (LookupError,), {"__module__": NAME})
    module.Closed = made  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, NAME, module)
    assert not module_index.module_proven(NAME)
    assert exceptions.view(made("x")).type == "LookupError"


@pytest.mark.parametrize("loader", ["file", "own file", "source", "code"])
def test_a_text_in_code_written_at_run_time_is_not_proven(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loader: str
) -> None:
    """A constant counts only in the file of the module that runs: not in one that the program wrote, nor a loader's."""
    token = f"visit of {NAME} {loader}"
    source = f"proven = prove({token!r})\n"
    space: dict[str, Any] = {"prove": text.prove}
    file = tmp_path / "generated.py"
    if loader == "file":
        file.write_text(source)
    elif loader == "own file":
        file.write_text(source)
        space |= {"__name__": __name__, "__file__": __file__}
    else:
        module = types.ModuleType("generated")
        space = module.__dict__
        code = compile("pass", str(file), "exec")
        methods = {"get_source": lambda _: source} if loader == "source" else {"get_code": lambda _: code}
        known = types.SimpleNamespace(**methods)
        space |= {"prove": text.prove, "__file__": str(file), "__loader__": known}
        if loader == "code":
            module.__spec__ = ModuleSpec("generated", known)  # type: ignore[arg-type]
            monkeypatch.setitem(sys.modules, "generated", module)
    exec(compile(source, str(file), "exec"), space)
    assert space["proven"] is False


class _ToldError(Exception):
    def __init__(self, status_code: int, detail: str) -> None:
        self.status_code, self.detail = status_code, detail

    def __str__(self) -> str:
        return f"{self.status_code}: {self.detail}"


def test_a_number_is_no_status() -> None:
    """The form `404: Not found` is proven only with a status of HTTP in it."""
    assert "234567891" not in _raised(lambda: (_ for _ in ()).throw(_ToldError(234567891, "Not found")))


@pytest.mark.parametrize(
    "source",
    ["{name}", "(1).{name}", "(lambda {name}: None)()", "print({name}=1)", "import {name}", "{{'{name}': 1}}.{name}"],
)
def test_a_name_in_evaluated_text_is_not_told_by_pythons_messages(source: str) -> None:
    """What `eval` and `exec` were given isn't the program's source: a formula that a user typed stays unread."""
    spaces: tuple[dict[str, Any], ...] = (globals(), {"__name__": NAME})
    told = [_raised(partial(exec, source.format(name=NAME), space)) for space in spaces]
    assert [NAME in text for text in told] == [False, False]


def test_a_name_of_the_source_is_told_by_pythons_messages() -> None:
    """The same messages about code of the module keep their names."""
    assert "has no attribute 'surgeon'" in _raised(lambda: None.surgeon)  # type: ignore[attr-defined]
