"""What a function's body says of its names is read once, by any thread, and remembered as long as its source."""

from __future__ import annotations

import ast
import gc
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TYPE_CHECKING, Any
from weakref import ref

from pazpaz_otel.redact.provenance import function_body
from pazpaz_otel.redact.provenance.function_body import body_of

if TYPE_CHECKING:
    import pytest


def test_a_body_is_read_once_and_goes_with_its_source() -> None:
    """All who follow a function's names share what was read; nothing of it is left for a garbage collection."""
    tree = ast.parse("def greet(name, mood='calm'):\n    text = 'hello'\n    mood += '!'\n    return text")
    [function] = tree.body
    assert isinstance(function, ast.FunctionDef)
    body = body_of(function)
    assert body_of(function) is body
    assert (body.bindings["text"][0], body.changed) == (function.body[0].value, {"text", "mood"})  # type: ignore[attr-defined]
    gone = ref(body)
    gc.disable()
    try:
        del tree, function, body
        assert gone() is None
    finally:
        gc.enable()


def test_who_reads_a_function_waits_for_nobody_who_reads_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock that another thread holds would be held in a forked child forever."""
    one, other = (ast.parse("def greet(): ...").body[0] for _ in range(2))
    reading, done, read = Event(), Event(), function_body.own_nodes

    def slow(body: Any) -> Any:
        if body is one.body:  # type: ignore[attr-defined]
            reading.set()
            done.wait(60)
        return read(body)

    monkeypatch.setattr(function_body, "own_nodes", slow)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(lambda: body_of(one).bindings)  # type: ignore[arg-type]
        try:
            assert reading.wait(30)
            assert pool.submit(lambda: body_of(other).bindings).result(30) == {}  # type: ignore[arg-type]
        finally:
            done.set()
        assert first.result(30) == {}
