"""What it costs to follow the names of a function."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from pazpaz_otel.redact.provenance import assigned, function_body
from pazpaz_otel.redact.provenance.following import follower_of

if TYPE_CHECKING:
    import pytest


def test_a_functions_body_is_walked_once_for_all_that_is_followed(monkeypatch: pytest.MonkeyPatch):
    """A large function is read once, however many names, calls and statements lead to it."""
    lines = ["def publish(x):", *(f"    name{i} = tell(name{i - 1})" for i in range(1, 30)), "    name0 = x"]
    function = ast.parse("\n".join(lines)).body[0]
    assert isinstance(function, ast.FunctionDef)
    walked = []
    read = function_body.own_nodes
    monkeypatch.setattr(function_body, "own_nodes", lambda body: walked.append(body) or read(body))
    for i in range(30):
        follower_of({}, function)(ast.Name(f"name{i}"))
    assert walked == [function.body]


class _Desk:
    def __init__(self) -> None:
        self.reason = "the desk is closed"
        self.hint = "come back tomorrow"

    def open(self) -> None:
        self.reason = "the desk is open"


def test_a_class_is_walked_once_for_all_that_it_assigns(monkeypatch: pytest.MonkeyPatch):
    """The methods of a large class are searched once, however many of its attributes a text may be of."""
    walked = []
    read = assigned.assignments
    monkeypatch.setattr(assigned, "assignments", lambda body: walked.append(body) or read(body))
    found = [len(assigned.assigned_attribute(_Desk, name)) for name in ("reason", "hint", "reason", "nothing")]
    assert found == [2, 1, 2, 0]
    assert len(walked) == 2
