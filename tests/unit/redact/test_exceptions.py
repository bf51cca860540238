"""Exceptions and stack traces leave by what modules and raise statements prove."""

from __future__ import annotations

import importlib
import json
import sys
import textwrap
import traceback
import types

import pytest

from pazpaz_otel.redact import exceptions
from pazpaz_otel.redact.exceptions import render, view
from pazpaz_otel.redact.provenance.module_files import relative_path
from pazpaz_otel.redact.provenance.module_index import (
    class_name_proven,
    function_name_proven,
    function_proven,
    module_proven,
    simple_name_proven,
)
from pazpaz_otel.redact.stacktrace import guard_stacktrace
from pazpaz_otel.redact.text import PLACEHOLDER

NAME = bytes.fromhex("44616e614c65766941627261").decode()  # no constant of this file
APP = """
    class ClosedError(Exception):
        class InnerError(Exception):
            pass

    def closed(name):
        secret = name
        raise ClosedError("Clinic is closed")

    def bad(name):
        raise ValueError(f"bad patient {name}")

    def chained(name):
        try:
            bad(name)
        except ValueError as error:
            raise ClosedError("could not book") from error

    def while_handling(name):
        try:
            bad(name)
        except ValueError:
            closed(name)

    def group(name):
        raise ExceptionGroup("several failed", [ValueError("first failed"), KeyError(name)])

    def noted(name):
        error = ValueError(name)
        error.add_note(name)
        raise error

    def local(name):
        class LocalError(Exception):
            pass
        raise LocalError("a local class")

    def recurse(name, n=0):
        return recurse(name, n + 1)

    class Clinic:
        def open(self, name):
            raise ClosedError(name)
"""


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    folder = tmp_path_factory.mktemp(f"home_of_{NAME}")
    package = folder / "practice_under_test"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "errors.py").write_text(textwrap.dedent(APP))
    sys.path.insert(0, str(folder))
    yield importlib.import_module("practice_under_test.errors")
    sys.path.remove(str(folder))
    del sys.modules["practice_under_test"], sys.modules["practice_under_test.errors"]


def _raised(call, *args) -> BaseException:
    try:
        call(*args)
    except BaseException as exc:
        return exc
    raise AssertionError


def _text(exc: BaseException) -> str:
    return "".join(traceback.format_exception(exc))


CALLS = ("closed", "bad", "chained", "while_handling", "group", "noted", "local", "recurse")


@pytest.mark.parametrize("call", CALLS)
def test_no_value_and_no_folder_leaves(app, call: str):
    """Neither from the object nor from its text: messages with values, notes, source lines, folders."""
    exc = _raised(getattr(app, call), NAME)
    for safe in (render(view(exc)), guard_stacktrace(_text(exc))):
        assert NAME not in safe
        files = {line.split('"')[1] for line in safe.split("\n") if 'File "' in line}
        assert files - {"tests/unit/redact/test_exceptions.py"} == {"practice_under_test/errors.py"}
        assert "secret" not in safe
        assert "raise " not in safe


@pytest.mark.parametrize("call", CALLS)
def test_guarding_twice_changes_nothing(app, call: str):
    """A rendered view and a guarded text pass the guard as they are."""
    exc = _raised(getattr(app, call), NAME)
    rendered, guarded = render(view(exc)), guard_stacktrace(_text(exc))
    assert guard_stacktrace(rendered) == rendered
    assert guard_stacktrace(guarded) == guarded


def test_a_trace_reads_like_pythons(app):
    """Type, frames with file, line and function, causes, and proven messages are there."""
    lines = render(view(_raised(app.chained, NAME))).split("\n")
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[1:3] == [
        '  File "practice_under_test/errors.py", line 15, in chained',
        '  File "practice_under_test/errors.py", line 11, in bad',
    ]
    assert lines[3] == "ValueError: bad patient {name}"
    assert "The above exception was the direct cause of the following exception:" in lines
    assert lines[-2:] == [
        '  File "practice_under_test/errors.py", line 17, in chained',
        "practice_under_test.errors.ClosedError: could not book",
    ]


def test_a_message_that_is_its_causes_is_proven_as_that(app):
    """`raise HTTPException(400, detail=str(error)) from error` tells what the cause's source proves."""

    class HTTPError(Exception):
        def __init__(self, status_code: int, detail: str) -> None:
            self.status_code, self.detail = status_code, detail

        def __str__(self) -> str:
            return f"{self.status_code}: {self.detail}"

    def refuse() -> None:
        try:
            app.bad(NAME)
        except ValueError as error:
            raise HTTPError(400, str(error)) from error

    assert view(_raised(refuse)).message == "400: bad patient {name}"


def test_a_group_shows_its_members(app):
    """Members of a group are drawn in its margin; a message in the statement that raised the group is proven."""
    expected = [
        "  | ExceptionGroup: several failed (2 sub-exceptions)",
        "  +-+---------------- 1 ----------------",
        "    | ValueError: first failed",
        "    +---------------- 2 ----------------",
        f"    | KeyError: {PLACEHOLDER}",
        "    +------------------------------------",
    ]
    exc = _raised(app.group, NAME)
    assert render(view(exc)).split("\n")[-6:] == expected
    assert guard_stacktrace(_text(exc)).split("\n")[-6:] == expected


def test_a_class_of_a_function_keeps_its_name(app):
    """A class that a function's source defines is proven by the function's code."""
    seen = view(_raised(app.local, NAME))
    assert (seen.type, seen.message) == ("practice_under_test.errors.local.<locals>.LocalError", "a local class")


def test_a_class_made_at_run_time_shows_as_its_base(app):
    """A class whose name is data isn't reachable by it; its nearest proven base stands for it."""
    made = type(NAME, (app.ClosedError,), {"__module__": "practice_under_test.errors"})
    assert view(made()).type == "practice_under_test.errors.ClosedError"
    pretender = type("ClosedError", (ValueError,), {"__module__": "practice_under_test.errors"})
    assert view(pretender()).type == "ValueError"
    assert not class_name_proven(f"practice_under_test.errors.{NAME}")


def test_an_alias_is_not_a_name(app):
    """A class put into a module under another name doesn't prove that name."""
    setattr(app, NAME, type(NAME, (Exception,), {"__module__": "elsewhere"}))
    assert not class_name_proven(f"practice_under_test.errors.{NAME}")


def test_generated_code_shows_no_frame(app):
    """Code that stands in no loaded module's file shows neither its file nor its function."""
    scope = {"__name__": "practice_under_test.errors"}
    exec(compile(f"def {NAME}():\n raise ValueError('x')", f"/home/{NAME}.py", "exec"), scope)
    exc = _raised(scope[NAME])
    assert view(exc).frames[-1] == exceptions.Frame()
    assert NAME not in render(view(exc))
    assert NAME not in guard_stacktrace(_text(exc))
    exec(compile(f"def {NAME}():\n raise ValueError('x')", app.__file__, "exec"), scope)
    exc = _raised(scope[NAME])
    assert NAME not in render(view(exc))
    assert NAME not in guard_stacktrace(_text(exc))


def test_views_are_bounded(app):
    """Endless recursion, cycles of causes and wide groups end."""
    assert len(view(_raised(app.recurse, NAME)).frames) == exceptions.MAX_FRAMES
    first, second = ValueError("a"), ValueError("b")
    first.__cause__, second.__cause__ = second, first
    assert view(first).cause.cause is None
    group = ExceptionGroup("many", [ValueError(n) for n in range(1000)])
    assert len(view(group).members) < exceptions.MAX_EXCEPTIONS
    nested = ValueError("x")
    for _ in range(2000):
        nested, nested.__cause__ = ValueError("x"), nested
    assert render(view(nested))


def test_an_exception_that_breaks_when_looked_at_still_has_a_type():
    """A broken exception is a type and a placeholder, not an error."""

    class BrokenError(Exception):
        def __str__(self) -> str:
            raise RuntimeError

        @property
        def __notes__(self) -> list[str]:
            raise RuntimeError

    seen = view(BrokenError(1))
    assert seen.message == PLACEHOLDER


def test_names_of_modules_classes_and_functions_are_proven_by_being_loaded(app):
    """What is loaded is proven; what isn't, or is data, is not; nothing is imported to find out."""
    assert module_proven("json.decoder")
    assert not module_proven(NAME)
    assert class_name_proven("json.decoder.JSONDecodeError")
    assert class_name_proven("practice_under_test.errors.ClosedError.InnerError")
    assert class_name_proven("ValueError")
    assert not class_name_proven("practice_under_test.errors.closed")
    assert not class_name_proven("json.loads")
    assert simple_name_proven("ClosedError")
    assert not simple_name_proven(NAME)
    assert function_proven("practice_under_test.errors", "Clinic.open")
    assert function_proven("practice_under_test.errors", "open")
    assert not function_proven("practice_under_test.errors", NAME)
    assert function_name_proven("closed", "practice_under_test/errors.py")
    assert function_name_proven("closed", app.__file__)
    assert not function_name_proven("closed", json.__file__)
    for unloaded in ("this", "antigravity"):
        assert not class_name_proven(f"{unloaded}.Thing")
        assert not function_proven(unloaded, "thing")
        assert unloaded not in sys.modules


def test_files_are_relative_to_their_package(app):
    """A loaded module's file leaves without the folders above its package; no other file leaves."""
    assert relative_path(app.__file__) == "practice_under_test/errors.py"
    assert relative_path("practice_under_test/errors.py") == "practice_under_test/errors.py"
    assert relative_path(json.__file__) == "json/__init__.py"
    assert relative_path(f"/home/{NAME}/app.py") is None
    assert relative_path(None) is None
    loaded_by_path = types.ModuleType("elsewhere_named")
    loaded_by_path.__file__ = f"/home/{NAME}/{NAME}.py"
    sys.modules["elsewhere_named"] = loaded_by_path
    try:
        assert relative_path(loaded_by_path.__file__) is None
    finally:
        del sys.modules["elsewhere_named"]


def test_no_module_is_asked_for_what_it_does_not_hold():
    """A module that imports lazily is not made to."""
    asked = []
    lazy = types.ModuleType("lazy_under_test")
    lazy.__getattr__ = asked.append
    sys.modules["lazy_under_test"] = lazy
    try:
        assert not class_name_proven("lazy_under_test.Thing")
        assert relative_path("/nowhere.py") is None
        assert not function_proven("lazy_under_test", "thing")
    finally:
        del sys.modules["lazy_under_test"]
    assert asked == []
