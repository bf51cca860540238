"""Code that runs as soon as a library is imported."""

from __future__ import annotations

import importlib
import sys
import textwrap
import threading
from typing import TYPE_CHECKING, Any

from pazpaz_otel.imports import when_imported
from tests.programs import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

_PACKAGE = """
    import importlib, threading

    def _import_part():
        importlib.import_module("shop_of_threads.part")

    other = threading.Thread(target=_import_part)
    other.start()
    while other.is_alive() and not importlib._bootstrap._blocking_on.get(other.ident):
        other.join(0.001)
"""


def test_a_hook_that_meets_another_thread_s_import_runs_after_both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Two threads import a package and a part of it, which the hook imports as well: nobody's import fails."""
    (tmp_path / "shop_of_threads").mkdir()
    (tmp_path / "shop_of_threads" / "__init__.py").write_text(textwrap.dedent(_PACKAGE), encoding="utf-8")
    (tmp_path / "shop_of_threads" / "part.py").write_text("import shop_of_threads", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    found: list[Any] = []
    failed: list[Exception] = []

    def then(module: Any) -> None:
        found.append((module.__name__, importlib.import_module("shop_of_threads.part").__name__))

    when_imported("shop_of_threads", then, failed.append)
    uncaught: list[Any] = []
    monkeypatch.setattr(threading, "excepthook", uncaught.append)
    importlib.import_module("shop_of_threads").other.join()
    wait_until(lambda: found or failed, "the hook")
    assert (found, failed, uncaught) == ([("shop_of_threads", "shop_of_threads.part")], [], [])
    for name in ("shop_of_threads.part", "shop_of_threads"):
        del sys.modules[name]
