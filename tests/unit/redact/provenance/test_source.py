"""Provenance in every form a program's code comes in: edited, zipped, without source, generated."""

from __future__ import annotations

import argparse
import ast
import gc
import importlib
import py_compile
import sys
import textwrap
import threading
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pazpaz_otel import imports
from pazpaz_otel.redact import text
from pazpaz_otel.redact.provenance.source import parse_file
from pazpaz_otel.redact.text import prove

MODULE = '''
    """The docstring of the module."""
    from pazpaz_otel.redact.text import prove

    ELSEWHERE = "a constant of the module"

    def literal():
        """The docstring of the function."""
        return prove("a literal at the call")

    def given(value):
        return prove(value)

    def hebrew():
        שם = "היומן נטען"; return prove("היומן נשמר"), prove(שם)

    def one_line(value):
        if prove("in a header of one line"): return True

    def by_lambda(value):
        return (lambda: prove("inside a lambda"))(), [prove("inside a list") for _ in range(1)][0]

    def matched(kind, value):
        match kind:
            case "saved" if prove("in a guard"):
                return prove("in a case"), prove(value)

    def decorated(value):
        @given_by(value)
        @given_by("given to a decorator")
        def inner():
            """given to a decorator"""
        return inner

    def given_by(name):
        proven = prove(name)
        return lambda inner: (proven, inner)

    class Clinic:
        NAME = prove("in the body of a class")

        async def open(self):
            try:
                raise ValueError
            except ValueError:
                return prove("while handling")
            finally:
                self.text = """
    a text at the margin, which is no end of the function
    """

    def last(value): return prove("on the last line") \\
        and prove(value)
'''


def _made(*parts: str) -> str:
    return "".join(parts)


@pytest.fixture(autouse=True)
def _forget():
    text._proven.clear()


@pytest.fixture
def load(tmp_path):
    """Writes a module's source, lets the test change how it is stored, and imports it."""
    loaded: list[str] = []

    def _load(name: str, source: str = MODULE, store=None):
        folder = tmp_path / name
        folder.mkdir()
        (folder / f"{name}.py").write_text(textwrap.dedent(source), encoding="utf-8")
        entry = str(store(folder, name) if store else folder)
        sys.path.insert(0, entry)
        loaded.append(name)
        try:
            return importlib.import_module(name)
        finally:
            sys.path.remove(entry)

    yield _load
    for name in loaded:
        sys.modules.pop(name, None)


def _zipped(folder, name):
    archive = folder / "app.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.write(folder / f"{name}.py", f"{name}.py")
    (folder / f"{name}.py").unlink()
    return archive


def _sourceless(folder, name):
    py_compile.compile(str(folder / f"{name}.py"), cfile=str(folder / f"{name}.pyc"), doraise=True)
    (folder / f"{name}.py").unlink()
    return folder


@pytest.mark.parametrize("store", [None, _zipped, _sourceless])
def test_a_literal_is_proven_however_the_module_is_stored(load, store):
    """A file, a zip archive and a module without source prove their literals, and nothing that was given to them."""
    module = load(f"stored_{store.__name__ if store else 'as_file'}", store=store)
    assert module.literal()
    assert not module.given(_made("a value ", "that was given"))
    assert not module.given(_made("The docstring of ", "the function."))


PICKED = """
import operator
from types import SimpleNamespace
from pazpaz_otel.redact.text import prove
def tell(code):
    labels = {"e11": "seen for sugar disease", "i10": "seen for high pressure"}
    if code == "i11":
        return prove("seen for nothing")
    return prove(labels[code]), prove(code), prove("told")
def tell_of(code):
    return (
        prove({"e11": "seen for sugar disease", "i10": "seen for high pressure"}[code]),
        prove(max("seen for sugar disease", code)),
        prove(["seen for sugar disease", code][0]),
        prove("seen for sugar disease" if code else code),
        prove("told by all", *[]),
    )
def tell_named(code, log):
    return (
        prove(dict(e11="seen for sugar disease", i10="seen for high pressure")[code]),
        prove(dict(e11="seen for sugar disease", i10="seen for high pressure").get(code)),
        prove(getattr(SimpleNamespace(e11="seen for sugar disease", i10="seen for high pressure"), code)),
        prove(vars(SimpleNamespace(e11="seen for sugar disease", i10="seen for high pressure"))[code]),
        prove((max if code else min)("seen for sugar disease", "seen for high pressure")),
        prove({}.get(code, "told of the unknown")),
        prove(getattr(log, code, "told of the unknown")),
        getattr(log, "prove")("told by a log's method"),
    )
def tell_got(code):
    return (
        prove(operator.itemgetter(code)(dict(e11="seen for sugar disease", i10="seen for high pressure"))),
        prove(operator.attrgetter(code)(SimpleNamespace(e11="seen for sugar disease", i10="seen for high pressure"))),
        prove(operator.getitem(dict(e11="seen for sugar disease", i10="seen for high pressure"), code)),
        prove(SimpleNamespace(e11="seen for sugar disease").__getattribute__(code)),
        operator.attrgetter("prove")(SimpleNamespace(prove=prove))("told by a method"),
    )
"""


def test_a_module_without_source_proves_what_its_expression_loads(load):
    """What data picks from a table of the same function, or what that compares with it, isn't of the statement."""
    module = load("picked_without_source", PICKED, _sourceless)
    code = _made("e", "11")
    told = module.tell(code)
    assert told == (False, False, True)
    assert module.tell_of(code) == (False, False, False, True, True)
    assert module.tell_named(code, SimpleNamespace(prove=prove)) == (*[False] * 5, True, True, True)
    assert module.tell_got(code) == (*[False] * 4, True)


def test_every_form_of_statement_proves_its_own_constants(load):
    """Headers of one line, lambdas, comprehensions, matches, decorators, class bodies, text that isn't ASCII."""
    module = load("forms")
    value = _made("a value", " that was given")
    assert module.hebrew() == (True, True)
    assert module.one_line(value)
    assert module.by_lambda(value) == (True, True)
    assert module.matched("saved", value) == (True, False)
    assert module.Clinic.NAME
    with pytest.raises(StopIteration) as stopped:
        module.Clinic().open().send(None)
    assert stopped.value.value
    assert module.last(value) is False
    proven, (also_proven, _) = module.decorated(value)
    assert (proven, also_proven) == (False, True)


def test_an_edited_file_proves_nothing_new(load):
    """A constant written into the file after it was imported isn't in the code that runs."""
    module = load(
        "edited", 'from pazpaz_otel.redact.text import prove\ndef f(value):\n    return prove(value or "old")\n'
    )
    with open(module.__file__, "w", encoding="utf-8") as file:  # noqa: PTH123
        file.write('from pazpaz_otel.redact.text import prove\ndef f(value):\n    return prove(value or "new")\n')
    assert not module.f(_made("ne", "w"))
    assert not module.f("")


def test_a_file_that_is_no_python_any_more_proves_nothing(load):
    """A broken file is a no, not an error."""
    module = load("broken", 'from pazpaz_otel.redact.text import prove\ndef f():\n    return prove("a literal")\n')
    with open(module.__file__, "w", encoding="utf-8") as file:  # noqa: PTH123
        file.write("((((")
    assert module.f() is False


def test_a_form_feed_is_no_new_line(load):
    """Lines are counted as Python counts them."""
    source = 'from pazpaz_otel.redact.text import prove\n\x0c\nX = "\x0b \x1c \u2028"\n'
    source += 'def f():\n    return prove("after it")\n'
    assert load("form_feed", source).f()


def test_a_caller_far_away_proves_nothing():
    """The walk to the callers is bounded."""

    def deep(n: int, value: str) -> bool:
        return deep(n - 1, value) if n else prove(value, depth=5)

    assert not deep(6, "far from the call")
    assert deep(2, "near to the call")


def test_many_threads_prove_at_once(load):
    """Threads that prove the same and different texts for the first time all get the right answer."""
    module = load("threads")
    results: list[bool] = []

    def work(number: int) -> None:
        for _ in range(200):
            results.append(module.literal())
            results.append(not module.given(f"value {number}"))
            text._proven.clear()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True] * 1600


@given(st.text(min_size=12, max_size=80))
def test_no_text_that_came_from_elsewhere_is_proven(value: str):
    """Whatever a text is, by itself, in a list, a sum or an f-string, it isn't a constant of the statement."""
    assert not prove(value)
    assert not prove(f"note of {value}")
    assert not prove("note of " + value)
    assert not any([prove(value + "saved"), prove(value.join(["a", "b"]))])


def test_a_disturbed_parse_is_tried_again(load, monkeypatch):
    """Older interpreters may refuse a source while another thread parses one."""
    module = load("disturbed")
    disturbances, parse = iter(["AST constructor recursion depth mismatch"]), ast.parse

    def _disturbed(source: str) -> ast.Module:
        for disturbance in disturbances:
            raise SystemError(disturbance)
        return parse(source)

    with monkeypatch.context() as patch:
        patch.setattr(ast, "parse", _disturbed)
        proven = module.literal()
    assert proven


def test_a_function_is_parsed_at_most_once(load, monkeypatch):
    """Each question about a text locates the running statement anew: what it says, picks, and refers to."""
    module, parsed, parse = load("asked_again"), [], ast.parse
    with monkeypatch.context() as patch:
        patch.setattr(ast, "parse", lambda source: parsed.append(source) or parse(source))
        assert not module.given(str(id(parsed)))
    assert [source.partition("(")[0] for source in parsed].count("def given") <= 1


def test_no_garbage_is_collected_while_a_file_is_parsed() -> None:
    """A collection would walk all that the application holds, some ten times for each large file."""
    lines = Path(argparse.__file__).read_text(encoding="utf-8").splitlines(keepends=True)
    gc.collect()
    before = sum(generation["collections"] for generation in gc.get_stats())
    assert parse_file("argparse.py", lines).body
    assert sum(generation["collections"] for generation in gc.get_stats()) <= before + 1


def test_what_is_frozen_is_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counting what a server has frozen before it forks takes as long as a collection: not at each parse."""
    counted: list[bool] = []
    monkeypatch.setattr(imports, "_frozen", [False])
    monkeypatch.setattr(gc, "get_freeze_count", lambda: counted.append(True) or 1_000_000)
    for _ in range(3):
        assert parse_file("said.py", ["said = 'well'\n"]).body
    assert counted == [True]
