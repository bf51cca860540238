"""Start one process's telemetry; any error keeps it closed.

The distribution and `configure()` run the same steps.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import sys
import uuid
from typing import TYPE_CHECKING, Any, Final

from opentelemetry import metrics
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, ParentBased

from pazpaz_otel import fail_closed, forks, notices, runtime, skipped_parts
from pazpaz_otel._version import __version__
from pazpaz_otel.diagnosis.packages import install_command
from pazpaz_otel.diagnosis.summary import NOT_TRACED, summary
from pazpaz_otel.errors import SettingsError, StartRefused
from pazpaz_otel.imports import when_imported
from pazpaz_otel.integrations import output, registry
from pazpaz_otel.integrations.library import Wiring
from pazpaz_otel.integrations.log_handlers import beside_root
from pazpaz_otel.notices import Told
from pazpaz_otel.otel import drop_metrics, instruments, shutdown, workers
from pazpaz_otel.otel.ledger import install as ledger
from pazpaz_otel.otel.otlp import processor
from pazpaz_otel.redact import drops
from pazpaz_otel.redact.guards import describe_unsent
from pazpaz_otel.sentry import client as sentry
from pazpaz_otel.sentry import closed
from pazpaz_otel.settings import Settings, choose_metrics_exporters, guards_output, inherited, is_strict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from opentelemetry.util._importlib_metadata import EntryPoint

    from pazpaz_otel.runtime import Runtime

logger = logging.getLogger(__name__)

NAME: Final = "pazpaz-opentelemetry"
"""`telemetry.distro.name`."""
# Reentrant: what the start imports may call `configure()` itself.
_starting: Final = forks.reentrant_lock()


def start(settings: Settings | None = None) -> None:
    """Prepare, configure the SDK, start Sentry and the instrumentations, then open the guards.

    Of several threads, the first one starts it, and the others wait for it.

    Raises:
        PazPazOtelError: for the reasons of `prepare`; if a step fails and `PAZPAZ_OTEL_STRICT` is set; or if the
            process was already prepared with other settings.
    """
    with _starting:
        before = runtime.current()
        if before is not None and settings not in {None, before.asked, before.settings}:
            raise SettingsError("configure() was already called with other settings; call it once, at start")
        try:
            process = runtime.prepare(settings)
            if process.finished:
                return
            configure_sdk(process)
            instrument_suited()
            announce(process)
        except BaseException as error:  # also an exit or an interrupt, which the application may catch
            give_up(error, settings)
            if not isinstance(error, Exception):
                raise


def configure_sdk(process: Runtime, **given: Any) -> None:
    """Let the SDK create its providers behind the closed guards, then start Sentry and open them."""
    if process.finished:
        return
    if process.refused:
        export_nothing(process)
        return
    from opentelemetry.sdk._configuration import _OTelSDKConfigurator  # noqa: PLC0415 - private: it may move

    with beside_root(process.guard):
        _OTelSDKConfigurator()._configure(**sdk_arguments(process, given))  # type: ignore[no-untyped-call]  # noqa: SLF001
    skipped_parts.report(strict=process.settings.strict)
    finish(process)


def sdk_arguments(process: Runtime, given: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of the SDK's configurator: what the environment leaves to the distribution."""
    arguments = {**given, **_own_prometheus(process)}
    if process.settings.config_file:
        # In this case, the SDK ignores every argument and warns about each.
        return {}
    if process.settings.sampler is None:
        # A browser that samples a tenth of its traces sends `-00` for the rest; with the SDK's default, that would
        # silence the back end for nine out of ten requests.
        arguments.setdefault("sampler", ParentBased(root=ALWAYS_ON, remote_parent_not_sampled=ALWAYS_ON))
    arguments.update(processor.processors(process.guard))
    arguments["resource_attributes"] = {
        **(arguments.get("resource_attributes") or {}),
        "telemetry.distro.name": NAME,
        "telemetry.distro.version": __version__,
        **_identity(process.settings),
    }
    return arguments


def finish(process: Runtime) -> None:
    """Start the guards' own metrics and Sentry, bind the instruments requested early, and open the guards."""
    if process.finished or process.refused:
        return
    if not process.settings.sdk_disabled:
        registry.watch(_wiring(process), process.settings.disabled_instrumentations)
        ledger.install(process.settings, process.guard)
        drop_metrics.observe_guards()
        shutdown.flush_at_the_end(sentry.flush)
    sentry.start(process.settings, process.guard, tuple(registry.error_hooks()), shutdown.allowance)
    process.finished = True
    instruments.bind_all(functools.partial(runtime.find, process), functools.partial(runtime.observe, process))
    line = describe_unsent(process.settings.resource_attributes, process.guard)
    for told in [*notices.take_held(), *([] if line is None else [line])]:
        notices.print_once(told)
    # This is the last statement, so that any exception before it leaves the guard closed.
    process.guard.closed = False


def give_up(error: BaseException, settings: Settings | None = None) -> None:
    """Leave everything closed after an exception in a start-up step, and log one line.

    Args:
        error: the exception.
        settings: the settings passed to `configure()`, or None if the environment sets them.

    Raises:
        StartRefused: `PAZPAZ_OTEL_STRICT` is set.
    """
    process = runtime.current()
    if process is not None:
        process.guard.closed = process.finished = True
        process.refused = process.refused or runtime.as_ours(error)
    lines = guards_output() if settings is None else settings.guard_output
    if lines:
        with contextlib.suppress(Exception):
            output.guard_output(runtime.guard())
    raises = isinstance(error, Exception) and (is_strict() if settings is None else settings.strict)
    fail_closed.stop_export(error, withholds_lines=lines, says_why=not raises)
    if raises:
        raise StartRefused("; ".join([*notices.take_held(), str(runtime.as_ours(error))])) from None


def instrument(entry_point: EntryPoint, **kwargs: Any) -> None:
    """Start one instrumentation, unless nothing is exported."""
    process = runtime.prepare()
    if process.refused:
        return
    with beside_root(process.guard):
        registry.load(entry_point, _wiring(process), **kwargs)


def instrument_suited() -> None:
    """Start the instrumentations that suit what is installed; one that fails doesn't stop the others."""
    process = runtime.prepare()
    for entry_point in registry.suited(process.settings.disabled_instrumentations):
        try:
            instrument(entry_point, skip_dep_check=True)
        except Exception as error:
            if not isinstance(error, ModuleNotFoundError):
                if process.settings.strict:
                    raise
                logger.warning("an instrumentation could not be started: %s", Told(fail_closed.describe(error)))


def _wiring(process: Runtime) -> Wiring:
    return Wiring(process.guard, lean=process.settings.lean, excluded_urls=dict(process.settings.excluded_urls))


def instrument_skipped() -> None:
    """Start the standard instrumentations that the version check skipped, such as SQLAlchemy's from 2.1 on."""
    process = runtime.current()
    if process is None or process.refused:
        return
    for entry_point in registry.standard(process.settings.disabled_instrumentations):
        try:
            if not registry.is_started(entry_point):
                instrument(entry_point, skip_dep_check=True)
        except ImportError:
            continue
    announce(process)


def announce(process: Runtime) -> None:
    """Log what is on, where it goes and by which policy, at a terminal or if no endpoint is set.

    A library that isn't traced is named there as well, and elsewhere once the application imports it.
    """
    environment = inherited()
    if process.refused or workers.is_worker() or process.settings.sdk_disabled:
        return
    missing = registry.missing()
    if environment.get("OTEL_EXPORTER_OTLP_ENDPOINT") and not sys.stderr.isatty():
        for name, requirement in missing.items():
            when_imported(name, functools.partial(_name_missing, {name: requirement}), lambda _: None)
        return
    serves, on = _serves(process), registry.started()
    notices.print_once(summary(environment, process.guard.policy, process.settings.policy, on, serves=serves))
    if missing:
        _name_missing(missing)


def _name_missing(missing: Mapping[str, str], _: Any = None) -> None:
    notices.print_once(f"{', '.join(missing)}{NOT_TRACED}{install_command(*missing.values())}")


def _serves(process: Runtime) -> bool:
    """Return whether the embedded Prometheus endpoint, if it is asked for, is served here or by the ledger."""
    if "prometheus" not in process.settings.metrics_exporters:
        return True
    from pazpaz_otel.otel.prometheus import EmbeddedPrometheusReader  # noqa: PLC0415 - only where it is asked for

    readers = getattr(metrics.get_meter_provider(), "_metric_readers", ())
    return all(reader.serves for reader in readers if isinstance(reader, EmbeddedPrometheusReader))


def export_nothing(process: Runtime) -> None:
    """Leave the guards closed and OpenTelemetry without exporters, and log why."""
    process.finished = True
    drops.drop("other", "unguarded")
    notices.print_once(f"nothing is exported: {process.refused}")
    closed.shut()


def shut_unguarded() -> None:
    """Stop all export if another distribution was configured without the guards.

    Runs whichever distribution `opentelemetry-instrument` selected, so that an unguarded one can't win silently.
    """
    process = runtime.current()
    if process is not None:
        # Another configurator created the providers, but behind our guards.
        finish(process)
        return
    raise SettingsError(
        "another OpenTelemetry distribution was configured without the guards of pazpaz-opentelemetry;"
        " set OTEL_PYTHON_DISTRO=pazpaz_otel and OTEL_PYTHON_CONFIGURATOR=pazpaz_otel"
    )


def _identity(settings: Settings) -> dict[str, str]:
    # A pinned id belongs to one process: a server's workers would share it, and their series would collide.
    if settings.resource_attribute("service.instance.id") and not workers.is_worker():
        return {}
    return {"service.instance.id": str(uuid.uuid4())}


def _own_prometheus(process: Runtime) -> dict[str, Any]:
    if not process.settings.enable_metrics or "prometheus" not in process.settings.metrics_exporters:
        return {}
    from pazpaz_otel.otel.prometheus import EmbeddedPrometheusReader, labels_of  # noqa: PLC0415

    choose_metrics_exporters(
        "pazpaz_prometheus" if name == "prometheus" else name for name in process.settings.metrics_exporters
    )
    return {"exporter_args_map": {EmbeddedPrometheusReader: {"labels": labels_of(process.guard.policy)}}}
