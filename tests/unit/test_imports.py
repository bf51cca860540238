"""Code that runs as soon as a library is imported, and imports while garbage collection waits, and no longer."""

from __future__ import annotations

import gc
import importlib
import importlib.util
import subprocess
import sys
import textwrap
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from pazpaz_otel.imports import when_imported, without_collection
from tests.programs import wait_until

if TYPE_CHECKING:
    from pathlib import Path

_MADE = """
import gc
from pazpaz_otel.imports import without_collection
with without_collection(): made = [[]]
"""
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


_LIBRARY = """
import gc, importlib, importlib.util, sys
from contextlib import suppress
from pazpaz_otel.imports import import_without_collection, when_imported
sys.path.insert(0, "FOLDER")
collections, hooked = [], []
import_without_collection("stall_of_objects")
when_imported("stall_of_objects", lambda _: hooked.append(gc.isenabled()), print)
# A search for the module, as by `find_spec`, isn't its import.
assert importlib.util.find_spec("stall_of_objects") is not None
gc.collect()
gc.callbacks.append(lambda phase, _: collections.append(phase))
with suppress(ImportError):
    importlib.import_module("stall_of_objects")
print(collections, hooked, gc.isenabled())
"""


@pytest.mark.parametrize("fails", [False, True])
def test_a_library_is_imported_without_collections(tmp_path: Path, *, fails: bool):
    """No garbage is collected while it is imported and its hook runs; afterwards it is, also if the import failed.

    In a process of its own: a thread that another test left may turn collection on.
    """
    text = "made = [[] for _ in range(20_000)]\n" + ("raise ImportError" if fails else "")
    (tmp_path / "stall_of_objects.py").write_text(text, encoding="utf-8")
    assert _printed(_LIBRARY.replace("FOLDER", str(tmp_path))) == f"[] {[] if fails else [False]} True"


def _printed(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60)
    return done.stdout.strip()


@pytest.mark.parametrize("enabled", [True, False])
def test_collection_is_afterwards_as_it_was(monkeypatch: pytest.MonkeyPatch, enabled: bool) -> None:
    """It is off meanwhile and on again after an error; where it was off already, it stays so.

    Turned off once more, it would stay off for ever if another thread turned it on in between.
    """
    states: list[bool] = []
    monkeypatch.setattr(gc, "isenabled", lambda: enabled)
    monkeypatch.setattr(gc, "disable", lambda: states.append(False))
    monkeypatch.setattr(gc, "enable", lambda: states.append(True))
    with suppress(LookupError), without_collection():
        assert states == ([False] if enabled else [])
        raise LookupError
    assert states == ([False, True] if enabled else [])


def test_what_is_imported_counts_as_old() -> None:
    """No collection of young objects walks what the start made."""
    assert _printed(f"{_MADE}print(any(item is made for item in gc.get_objects(generation=2)))") == "True"


def test_what_the_application_froze_stays_frozen() -> None:
    """A server that freezes its objects before it forks keeps its memory shared."""
    assert _printed(f"import gc\ngc.freeze()\n{_MADE}print(gc.get_freeze_count() > 1000)") == "True"
