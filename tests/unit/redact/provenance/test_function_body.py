"""What a function's body says of its names is read once, and remembered as long as its source."""

from __future__ import annotations

import ast
import gc
from weakref import ref

from pazpaz_otel.redact.provenance.function_body import body_of


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
