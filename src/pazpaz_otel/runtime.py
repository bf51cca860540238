"""One process's telemetry, assembled step by step; the distribution and `configure()` run the same steps."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from pazpaz_otel import fail_closed, notices, skipped_parts
from pazpaz_otel._version import __version__
from pazpaz_otel.diagnosis import loaded, variables
from pazpaz_otel.errors import PazPazOtelError
from pazpaz_otel.integrations import output, registry, stdlib_logging, structured
from pazpaz_otel.otel import (
    exit_deadline,
    http_transport,
    instruments,
    propagation,
    providers,
    stderr_fallback,
    text_writers,
    tolerance,
)
from pazpaz_otel.otel.instruments import Instruments
from pazpaz_otel.otel.otlp import message_classes, metrics
from pazpaz_otel.policy import load_policy
from pazpaz_otel.redact import drops, log_templates, text
from pazpaz_otel.redact.evidence import Evidence
from pazpaz_otel.redact.guards import Guard
from pazpaz_otel.settings import Settings, apply_defaults, guards_output, inherited, is_strict, mask, registered_words


@dataclass
class Runtime:
    """This process's telemetry. Its guard stays closed until everything is in place."""

    settings: Settings
    guard: Guard
    instruments: Instruments
    asked: Settings | None = None
    """The settings passed to `configure()`, or None if the environment sets them."""
    refused: PazPazOtelError | None = None
    """Why nothing is exported, if so."""
    finished: bool = False
    """Whether the SDK and Sentry are started; the guard is then open unless the start was refused."""


_process: Runtime | None = None
_failed: PazPazOtelError | None = None


def prepare(settings: Settings | None = None) -> Runtime:
    """Read settings and policy, and install the guards, closed.

    A policy that can't be used doesn't stop the application: nothing is exported, and one line says why.

    Raises:
        PazPazOtelError: a policy or a setting can't be used, and `PAZPAZ_OTEL_STRICT` is set.
    """
    global _process, _failed  # noqa: PLW0603 - one process, one telemetry
    if _failed is not None:
        raise _failed
    if _process is not None:
        return _process
    try:
        process = _assemble(settings)
        process.guard.closed = True
        for _, step in STEPS:
            step(process)
    except BaseException as error:
        # Another attempt could find only half of the guards in place, and open them.
        _failed = as_ours(error)
        if not isinstance(error, Exception):
            raise
        raise _failed from error
    _process = process
    return process


def _assemble(asked: Settings | None) -> Runtime:
    settings, refused = asked, None
    try:
        settings = settings or Settings.from_env()
        guard = _guard_of(settings)
    except Exception as error:
        if is_strict() if settings is None else settings.strict:
            raise
        settings, refused = settings or Settings(guard_output=guards_output()), as_ours(error)
        guard = _guard_of(replace(settings, policy=None))
    return Runtime(settings, guard, Instruments(guard.policy), asked, refused)


def _explain(process: Runtime) -> None:
    settings = process.settings
    if settings.explain or settings.explain_file is not None or settings.unexplained is not None:
        from pazpaz_otel.otel.explain import explain  # noqa: PLC0415 - not small, and needed by few

        explain(settings, process.guard)


def _say_faults(process: Runtime) -> None:
    # The SDK would fail on some of them later, with an exception that names no variable.
    say = notices.hold if process.settings.strict else notices.print_once
    for finding in variables.judge(inherited(), read=True):
        if finding.state == "fault":
            say(mask(str(finding)))


STEPS: Final[tuple[tuple[str, Callable[[Runtime], Any]], ...]] = (
    ("variables", _say_faults),
    ("defaults", lambda process: apply_defaults(metrics=process.settings.enable_metrics)),
    ("log records", lambda _: log_templates.install()),
    ("log adapters", lambda _: structured.prove_adapters()),
    ("own lines", lambda _: stderr_fallback.install()),
    ("repeated lines", lambda _: notices.hush_repeated()),
    ("skipped parts", lambda _: skipped_parts.watch()),
    ("version check", lambda _: registry.quiet_version_check()),
    ("providers", lambda process: providers.guard_providers(process.guard)),
    ("texts", lambda process: text_writers.prove_at_the_source(process.guard)),
    ("objects", lambda _: tolerance.tolerate_objects()),
    ("propagation", lambda process: propagation.guard_propagation(process.guard)),
    ("transport", lambda _: http_transport.use_urllib3()),
    ("messages", lambda _: message_classes.defer()),
    ("metrics", lambda _: metrics.install()),
    ("exit_deadline", lambda _: exit_deadline.install()),
    ("log handlers", lambda process: stdlib_logging.tolerate_logging_errors(lean=process.settings.lean)),
    ("output", lambda process: output.guard_output(process.guard) if process.settings.guard_output else None),
    ("explanations", _explain),
    ("loaded libraries", lambda _: loaded.name_loaded()),
)
"""The steps before the SDK is configured, in order; an exception in any of them leaves everything closed."""


def current() -> Runtime | None:
    """Return this process's telemetry if it was prepared, or None."""
    return _process


def guard() -> Guard:
    """Return the process's guard, or, before there is one, a guard with the same settings and no side effects."""
    if _process is not None:
        return _process.guard
    return _guard_without_process()


@functools.cache
def _guard_without_process() -> Guard:
    try:
        return _guard_of(Settings.from_env())
    except PazPazOtelError:
        return _guard_of(Settings())


def instrument_of(kind: str, name: str) -> Any:
    """Return the instrument that the policy declares; if there is no runtime yet, one that is bound later.

    Raises:
        PazPazOtelError: the policy declares no such instrument, and `PAZPAZ_OTEL_STRICT` is set.
    """
    process = _process
    if process is None or not process.finished:
        return instruments.late(kind, name)
    return find(process, kind, name) or instruments.none(kind, name)


def observe(process: Runtime | None, name: str, callback: Callable[..., Any]) -> None:
    """Observe the observable instrument that the policy declares; if there is no runtime yet, later."""
    if process is None or not process.finished:
        instruments.observe(name, callback)
        return
    if process.refused:
        return
    try:
        process.instruments.observe(name, callback)
    except PazPazOtelError as error:
        _undeclared(process, name, error, {})


def find(process: Runtime, kind: str, name: str) -> Any:
    """Return the declared instrument, or log one line and return None if there is none."""
    if process.refused:
        return None
    try:
        return process.instruments.get(kind, name)
    except PazPazOtelError as error:
        _undeclared(process, name, error, {"instrument": kind})
        return None


def _undeclared(process: Runtime, name: str, error: PazPazOtelError, detail: drops.Detail) -> None:
    if process.settings.strict:
        raise error
    is_declared = name in process.guard.policy.metrics
    if not is_declared:
        drops.tell("metric", "undeclared", name, None, detail)
    drops.drop("metric", "undeclared", told=True)
    # An application may make the name of a patient's data.
    is_known = is_declared or instruments.is_written(name)
    proven = is_known or text.prove(name, sys._getframe(2))  # noqa: SLF001 - who called this module
    notices.print_once(str(error) if proven else "the policy declares no metric of a name that is made at run time")


def as_ours(error: BaseException) -> PazPazOtelError:
    """Return the error as one of this package's, with secrets removed from its text."""
    return error if isinstance(error, PazPazOtelError) else PazPazOtelError(fail_closed.describe(error))


def _guard_of(settings: Settings) -> Guard:
    policy = load_policy(settings.policy)
    evidence = Evidence(
        hosts=policy.hosts,
        identifiers=policy.sql_identifiers,
        configured=[value for key, value in settings.resource_attributes if policy.configures(key)],
        urls=settings.urls,
        databases=settings.databases,
    )
    evidence.add_words(registered_words)
    evidence.add_versions(
        version
        for version in (__version__, settings.release)
        if version and len(version) <= 64  # noqa: PLR2004
    )
    return Guard(policy, evidence)
