"""The table of integrations, which also starts their instrumentations."""

from __future__ import annotations

import importlib
import logging
import pkgutil
import sys
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

from opentelemetry.instrumentation.dependencies import get_dist_dependency_conflicts
from opentelemetry.util._importlib_metadata import entry_points

from pazpaz_otel import integrations
from pazpaz_otel.diagnosis.packages import is_found
from pazpaz_otel.imports import import_without_collection, is_loading, when_imported
from pazpaz_otel.redact import drops, own_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from opentelemetry.util._importlib_metadata import EntryPoint

    from pazpaz_otel.integrations.library import Library, Wiring

logger = logging.getLogger(__name__)

_GROUP: Final = "opentelemetry_instrumentor"
_LOADING: Final = "opentelemetry.instrumentation.auto_instrumentation._load"
_CONFLICT: Final = "_log"
"""The function that reports a library's version."""

_watched: set[tuple[str, str]] = set()
_own: set[str] = set()
"""Libraries whose integration replaces the instrumentation."""
_late: dict[str, str] = {}
"""Instrumentations that start when a module is imported, by name, with that module."""


@cache
def libraries() -> tuple[Library, ...]:
    """Return every integration, by name: the `LIBRARY` of each module beside this one that has it."""
    return tuple(library for file in _packages() if (library := _of_file(file)) is not None)


@cache
def _present() -> Mapping[str, Library]:
    """Return the integrations, by file, of the libraries that can be found; the others aren't worth reading."""
    found = (file for file, package in _packages().items() if is_found(package))
    return {file: library for file in found if (library := _of_file(file)) is not None}


@cache
def _packages() -> dict[str, str]:
    """Return the file of each integration, with the package that it is called after."""
    files = sorted(found.name for found in pkgutil.iter_modules(integrations.__path__))
    return {file: file.removeprefix("stdlib_") for file in files}


def _of_file(file: str) -> Library | None:
    module = importlib.import_module(f"{integrations.__name__}.{file}")
    return getattr(module, "LIBRARY", None)


def of_instrumentor(name: str) -> Library | None:
    """Return the library of an entry point of `opentelemetry_instrumentor`, or None if it is unknown."""
    asked = [_of_file(name)] if name in _packages() else _present().values()
    return next((library for library in asked if library and name in library.instrumentors), None)


def load(entry_point: EntryPoint, wiring: Wiring, **kwargs: Any) -> None:
    """Start one instrumentation, prepared by its library's integration if there is one."""
    library = of_instrumentor(entry_point.name)
    awaited = _awaited(entry_point)
    if awaited is None:
        _start(entry_point, library, wiring, kwargs)
    elif entry_point.name not in _late:
        _late[entry_point.name] = awaited
        import_without_collection(awaited)

        def start(_: Any) -> None:
            if entry_point.name in _late and awaited in sys.modules:
                del _late[entry_point.name]
                try:
                    _start(entry_point, library, wiring, kwargs)
                except Exception:
                    # It may be started again.
                    _late[entry_point.name] = awaited
                    raise

        def start_unless_loading(module: Any) -> None:
            # The instrumentation itself may be importing the library, which must be complete first.
            if not is_loading(entry_point.module):
                start(module)

        when_imported(awaited, start_unless_loading, _failed)
        when_imported(entry_point.module, start, _failed)


def is_started(entry_point: EntryPoint) -> bool:
    """Return whether an instrumentation has started, or starts once the application imports its library."""
    if entry_point.name in _late:
        return True
    return _awaited(entry_point) is None and bool(entry_point.load()().is_instrumented_by_opentelemetry)


def _awaited(entry_point: EntryPoint) -> str | None:
    """Return the module whose import an instrumentation waits for, or None if it needn't wait."""
    library = of_instrumentor(entry_point.name)
    module = None if library is None else library.late.get(entry_point.name)
    return None if module in sys.modules else module


def _start(entry_point: EntryPoint, library: Library | None, wiring: Wiring, kwargs: Mapping[str, Any]) -> None:
    instrumentor = entry_point.load()()
    if library is None:
        instrumentor.instrument(**kwargs)
        return
    arguments = library.instrumentors[entry_point.name](wiring)
    if arguments is None:
        _own.add(library.name)
        return
    instrumentor.instrument(**{**arguments, **kwargs})
    if library.started is not None:
        library.started(wiring)


def watch(wiring: Wiring, disabled: Iterable[str] = ()) -> None:
    """Let each integration act once its library is loaded; repeated calls are harmless.

    Args:
        wiring: what the integrations receive.
        disabled: names of instrumentations or libraries to skip; `*` for all.
    """
    left_out = set(disabled)
    if "*" in left_out:
        return

    def watch_one(library: Library) -> None:
        if left_out.isdisjoint((library.package, *library.instrumentors)):
            for module, then in library.watch.items():

                def told(module: Any, then: Callable[[Any, Wiring], object] = then) -> None:
                    then(module, wiring)

                if (library.name, module) not in _watched:
                    _watched.add((library.name, module))
                    when_imported(module, told, _failed)

    for library in _present().values():
        watch_one(library)
    for name, then in _later(watch_one):
        when_imported(name, then, _failed)


def _later(then: Callable[[Library], None]) -> Iterator[tuple[str, Callable[[Any], None]]]:
    """Yield the packages that aren't found now, with what to call if they are imported after all."""
    for file, package in _packages().items():
        if file not in _present():

            def read(_: Any, file: str = file) -> None:
                library = _of_file(file)
                if library is not None:
                    then(library)

            yield package, read


def error_hooks() -> Iterator[tuple[str, Callable[[Any], None]]]:
    """Yield, for each library whose errors are captured for Sentry, the module to wait for and the hook."""
    for library in _present().values():
        yield from library.errors.items()
    yield from _later(_capture)


def _capture(library: Library) -> None:
    for module, then in library.errors.items():
        when_imported(module, then, _failed)


def suited(disabled: Iterable[str] = ()) -> Iterator[EntryPoint]:
    """Yield the entry points of the instrumentations that `configure()` starts, except disabled ones.

    These are the ones that the auto-instrumentation starts, whose library is installed in a version that they support,
    and the standard ones.
    """
    always = {entry_point.name for entry_point in standard(disabled)}
    for entry_point in _enabled(disabled):
        if entry_point.name in always or (entry_point.dist and not get_dist_dependency_conflicts(entry_point.dist)):
            yield entry_point


def standard(disabled: Iterable[str] = ()) -> Iterator[EntryPoint]:
    """Yield the entry points of the instrumentations that start with any version, except disabled ones."""
    for entry_point in _enabled(disabled):
        if (library := of_instrumentor(entry_point.name)) and entry_point.name in library.standard:
            yield entry_point


def _enabled(disabled: Iterable[str]) -> Iterator[EntryPoint]:
    left_out = set(disabled)
    if "*" not in left_out:
        yield from (entry_point for entry_point in entry_points(group=_GROUP) if entry_point.name not in left_out)


def states() -> dict[str, str]:
    """Return the state of each library, for `doctor`.

    Returns:
        By library name: `on`, `off` with the reason if there is one, or why it can't be on.
    """
    by_name = {entry_point.name: entry_point for entry_point in entry_points(group=_GROUP)}
    return {library.name: _state_of(library, by_name) for library in libraries()}


def started() -> list[str]:
    """Return the names of the libraries whose integrations are on."""
    by_name = {entry_point.name: entry_point for entry_point in entry_points(group=_GROUP)}
    return [library.name for library in _present().values() if _state_of(library, by_name) == "on"]


def _state_of(library: Library, by_name: Mapping[str, EntryPoint]) -> str:
    available = [by_name[name] for name in library.instrumentors if name in by_name]
    if not is_found(library.package):
        return "library not installed"
    if library.instrumentors and not available:
        if library.package in sys.stdlib_module_names:
            return "not asked for"
        return f"off: opentelemetry-instrumentation-{next(iter(library.instrumentors))} isn't installed"
    if available:
        return "on" if library.name in _own else _state(available)
    return "on" if any((library.name, module) in _watched for module in library.watch) else "off"


def missing() -> dict[str, str]:
    """Return the packages to install for the libraries that are installed and have no instrumentation.

    Those of the standard library, which everybody has, are left out, drivers beside SQLAlchemy, whose statements are
    traced, and Flask beside Quart.

    Returns:
        The requirement by the module's name; its release is that of the instrumentations that this package pins.
    """
    known = {entry_point.name for entry_point in entry_points(group=_GROUP)}
    release = version("opentelemetry-instrumentation")
    covered = {"asyncpg", "psycopg", "psycopg2"} if is_found("sqlalchemy") else set()
    # Quart imports parts of Flask.
    covered |= {"flask"} if is_found("quart") else set()
    found = {}
    for library in _present().values():
        # An instrumentation has the name of the module that it is for.
        there = [name for name in library.instrumentors if is_found(name)]
        if there and library.package not in {*sys.stdlib_module_names, *covered} and known.isdisjoint(there):
            found[there[0]] = f"opentelemetry-instrumentation-{there[0]}=={release}"
    return found


def _state(available: Iterable[EntryPoint]) -> str:
    states = []
    for entry_point in available:
        if entry_point.name in _late:
            if is_found(_late[entry_point.name]):
                return "on"
            continue
        try:
            instrumentor = entry_point.load()()
        except ImportError:
            continue
        if instrumentor.is_instrumented_by_opentelemetry:
            return "on"
        conflict = instrumentor._check_dependency_conflicts()  # noqa: SLF001 - the only way to its reason
        states.append(f"off: {conflict}" if conflict else "off")
    return states[0] if states else "library not installed"


def quiet_version_check() -> None:
    """Silence reports of the auto-instrumentation that are no faults here.

    SQLAlchemy 2.1, which it skips, is instrumented anyway, and another distribution is meant to lose to this one.
    `pazpaz-otel doctor` lists skipped instrumentations and other distributions.
    """
    own_lines.unread[_LOADING] = _CONFLICT
    logging.getLogger(_LOADING).addFilter(lambda record: not _is_expected_report(record))


def _is_expected_report(record: logging.LogRecord) -> bool:
    return record.funcName == _CONFLICT or (record.funcName, record.levelno) == ("_load_configurators", logging.WARNING)


def _failed(error: Exception) -> None:
    drops.fail("other", error)
    logger.warning("a library could not be watched: its integration failed")
