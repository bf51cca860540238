"""The table of integrations: a file is all that a library needs."""

from __future__ import annotations

import importlib
import logging
import os
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry.instrumentation.auto_instrumentation import _load
from opentelemetry.instrumentation.dependencies import DependencyConflict

from pazpaz_otel import integrations
from pazpaz_otel.integrations import registry
from pazpaz_otel.integrations.library import Wiring
from pazpaz_otel.policy import load_policy
from pazpaz_otel.redact import log_templates, text
from pazpaz_otel.redact.evidence import Evidence
from pazpaz_otel.redact.guards import Guard

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).parents[3] / "docs" / "contributing" / "support-a-library.md"


@pytest.fixture
def followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The page's file beside the shipped ones, and its library where modules are looked for."""
    [code] = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "shelf.py").write_text(code, encoding="utf-8")
    (tmp_path / "shelf.py").write_text('SLOTS = ("sort_the_shelf",)\n', encoding="utf-8")
    monkeypatch.setattr(integrations, "__path__", [*integrations.__path__, str(tmp_path / "files")])
    monkeypatch.syspath_prepend(tmp_path)
    for table in (registry.libraries, registry._present, registry._packages):
        table.cache_clear()
    yield
    for table in (registry.libraries, registry._present, registry._packages):
        table.cache_clear()
    sys.modules.pop("shelf", None)
    sys.modules.pop(f"{integrations.__name__}.shelf", None)


@pytest.mark.usefixtures("followed")
def test_a_file_is_all_that_a_library_needs():
    """Following the page by one file puts the library into the table, and its evidence into the guards."""
    guard = Guard(load_policy(), Evidence())
    registry.watch(Wiring(guard))
    assert registry.of_instrumentor("shelf") is not None
    assert registry.states()["Shelf"] == "off: opentelemetry-instrumentation-shelf isn't installed"
    assert not guard.evidence.task("sort_the_shelf")
    importlib.import_module("shelf")
    assert guard.evidence.task("sort_the_shelf")


def test_every_integration_is_in_the_table():
    """Each module that has a library is found; no two instrument by the same entry point."""
    found = registry.libraries()
    instrumentors = [name for library in found for name in library.instrumentors]
    assert len(instrumentors) == len(set(instrumentors))
    assert {"Starlette, FastAPI", "SQLAlchemy", "redis", "HTTPX", "arq", "Celery", "RQ", "APScheduler", "Flask"} <= {
        library.name for library in found
    }


@pytest.mark.slow
def test_a_library_that_is_not_used_is_not_imported():
    """A library is imported by the application or not at all; it is instrumented then, whichever way it comes."""
    code = """
import importlib, os, sys
import pazpaz_otel
from pazpaz_otel.integrations.registry import states
pazpaz_otel.configure()
for first, module, library, instrumentor in (
    ("httpx", "httpx", "HTTPX", "httpx.HTTPXClientInstrumentor"),
    ("redis.asyncio", "redis", "redis", "redis.RedisInstrumentor"),
    ("sqlalchemy.orm", "sqlalchemy", "SQLAlchemy", "sqlalchemy.SQLAlchemyInstrumentor"),
    ("fastapi.routing", "fastapi", "Starlette, FastAPI", "fastapi.FastAPIInstrumentor"),
):
    assert module not in sys.modules and states()[library] == "on"
    package, name = instrumentor.split(".")
    instrumentation = f"opentelemetry.instrumentation.{package}"
    for imported in (first, instrumentation):
        # In a process of its own, for what is imported stays.
        if child := os.fork():
            assert os.waitpid(child, 0)[1] == 0, (imported, instrumentor)
            continue
        try:
            importlib.import_module(imported)
            found = getattr(importlib.import_module(instrumentation), name)
            os._exit(not found().is_instrumented_by_opentelemetry)
        finally:
            os._exit(2)
"""
    run_with_nothing_exported(code)


def test_the_report_of_a_skipped_version_is_not_judged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    """The auto-instrumentation reports each library whose version it skips: nobody sees it, so no source is read."""
    judged: list[object] = []
    judge = text.judge

    def judging(plain: object, *spots: Any) -> Any:
        judged.append(plain)
        return judge(plain, *spots)

    monkeypatch.setattr(text, "judge", judging)
    log_templates.install()
    registry.quiet_version_check()
    loading = logging.getLogger(_load.__name__)
    DependencyConflict("sqlalchemy < 2.1", "sqlalchemy 2.1.0")._log(loading, "sqlalchemy")
    assert (judged, caplog.messages) == ([], [])
    loading.error("no distribution was found")
    assert (judged, caplog.messages) == ([text.exact("no distribution was found")], ["no distribution was found"])


def test_a_library_that_is_not_installed_costs_nothing():
    """Neither the library nor its integration is imported, until the application finds the library after all."""
    code = """
import sys
import pazpaz_otel
from pazpaz_otel.integrations import registry
pazpaz_otel.configure()
assert {"pazpaz_otel.integrations.arq", "pazpaz_otel.integrations.jobs", "arq"}.isdisjoint(sys.modules)
assert registry.states()["arq"] == "library not installed"
"""
    run_with_nothing_exported(code)


def test_a_library_that_is_found_late_is_watched(tmp_path: Path):
    """An application may add the folder of a library to its path itself."""
    (tmp_path / "arq").mkdir()
    for name in ("__init__", "connections", "worker"):
        (tmp_path / "arq" / f"{name}.py").touch()
    code = f"""
import sys
import pazpaz_otel
from pazpaz_otel.integrations import registry
pazpaz_otel.configure()
registry._watched.clear()
sys.path.insert(0, {str(tmp_path)!r})
import arq
assert ("arq", "arq.worker") in registry._watched, registry._watched
"""
    run_with_nothing_exported(code)


def test_a_finder_that_raises_hides_a_library_only():
    """An application's own finder may refuse what the application never imports."""
    code = """
import sys
import pazpaz_otel
from pazpaz_otel.integrations import registry

class Picky:
    def find_spec(self, name, path=None, target=None):
        if name == "falcon":
            raise RuntimeError("no such thing here")

sys.meta_path.insert(0, Picky())
pazpaz_otel.configure()
assert registry.states()["Falcon"] == "library not installed"
assert registry.states()["SQLAlchemy"] == "on"
"""
    run_with_nothing_exported(code)


def test_a_file_is_called_as_its_library():
    """By its name alone an integration is known to be of no use where its library isn't there."""
    for file, package in registry._packages().items():
        library = registry._of_file(file)
        assert library is None or library.package == package


def run_with_nothing_exported(code: str) -> None:
    """Run a program in a process of its own."""
    environment = dict.fromkeys(("OTEL_TRACES_EXPORTER", "OTEL_METRICS_EXPORTER", "OTEL_LOGS_EXPORTER"), "none")
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "failed" not in done.stderr


def test_a_library_without_an_instrumentation_is_named(monkeypatch: pytest.MonkeyPatch):
    """A library that is installed, and nothing instruments, is named with the requirement that fits this package.

    A driver's statements are traced where SQLAlchemy is: its own instrumentation would trace them twice.
    """
    installed = {"flask", "starlette", "sqlite3", "redis", "sqlalchemy", "asyncpg"}
    monkeypatch.setattr(registry, "is_found", installed.__contains__)
    registry._present.cache_clear()
    release = metadata.version("opentelemetry-instrumentation")
    assert registry.missing() == {
        name: f"opentelemetry-instrumentation-{name}=={release}" for name in ("flask", "starlette")
    }
    monkeypatch.setattr(registry, "is_found", {"asyncpg"}.__contains__)
    registry._present.cache_clear()
    assert list(registry.missing()) == ["asyncpg"]
    registry._present.cache_clear()
