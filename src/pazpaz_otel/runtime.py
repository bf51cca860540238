"""One process's telemetry, put together step by step; the distribution and `configure()` call the same steps."""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from opentelemetry import _logs, metrics, trace

from pazpaz_otel._version import __version__
from pazpaz_otel.errors import PazPazOtelError
from pazpaz_otel.integrations import registry, stdlib_logging
from pazpaz_otel.integrations.library import Wiring
from pazpaz_otel.otel import (
    delivery,
    drop_metrics,
    explain,
    http_transport,
    propagation,
    providers,
    sampling,
    shutdown,
    stderr_fallback,
    text_writers,
    workers,
)
from pazpaz_otel.otel.instruments import Instruments
from pazpaz_otel.otel.ledger import install as ledger
from pazpaz_otel.policy import load_policy
from pazpaz_otel.redact import drops, log_templates
from pazpaz_otel.redact.evidence import Evidence
from pazpaz_otel.redact.guards import Guard
from pazpaz_otel.sentry import client as sentry
from pazpaz_otel.settings import Settings, apply_defaults, choose_metrics_exporters, is_strict

if TYPE_CHECKING:
    from opentelemetry.util._importlib_metadata import EntryPoint

logger = logging.getLogger(__name__)

NAME: Final = "pazpaz-opentelemetry"
"""`telemetry.distro.name`."""
_CONFIGURED_KEYS: Final = (
    "service.name",
    "service.namespace",
    "service.version",
    "service.instance.id",
    "k8s.namespace.name",
    "k8s.deployment.name",
    "k8s.container.name",
    "cloud.region",
)


@dataclass
class Runtime:
    """What this process's telemetry is made of."""

    settings: Settings
    guard: Guard
    instruments: Instruments
    refused: PazPazOtelError | None = None
    """Why nothing is exported."""
    finished: bool = field(default=False)


_process: Runtime | None = None


def prepare(settings: Settings | None = None) -> Runtime:
    """Reads settings and policy and puts the guards in place; the first call's result serves every later one.

    A policy that can't be used doesn't stop the application: nothing is exported and one line says why.

    Raises:
        PazPazOtelError: a policy or a setting can't be used, and `PAZPAZ_OTEL_STRICT` is set.
    """
    global _process  # noqa: PLW0603 - one process, one telemetry
    if _process is not None:
        return _process
    refused = None
    try:
        settings = settings or Settings.from_env()
        policy = load_policy(settings.policy)
    except PazPazOtelError as error:
        if is_strict() if settings is None else settings.strict:
            raise
        refused = error
        settings = settings or Settings()
        policy = load_policy()
    apply_defaults(metrics=settings.enable_metrics)
    guard = Guard(policy, _evidence(settings, policy.hosts, policy.sql_identifiers))
    guard.closed = refused is not None
    _process = Runtime(settings, guard, Instruments(policy), refused)
    log_templates.install()
    stderr_fallback.install()
    registry.quiet_version_check()
    http_transport.use_urllib3()
    providers.guard_providers(guard)
    text_writers.prove_at_the_source(guard)
    propagation.guard_propagation(guard)
    stdlib_logging.tolerate_logging_errors()
    explain.explain(settings, guard)
    return _process


def current() -> Runtime | None:
    """This process's telemetry, if it was prepared."""
    return _process


def sdk_arguments(process: Runtime, given: dict[str, Any]) -> dict[str, Any]:
    """The arguments of the SDK's configurator: what the environment leaves to the distribution."""
    _own_prometheus(process)
    arguments = dict(given)
    if process.settings.config_file:
        # The SDK ignores every argument then, and warns of each.
        return {}
    if process.settings.sampler is None:
        arguments.setdefault("sampler", sampling.default_sampler())
    arguments.update(delivery.processors())
    arguments["resource_attributes"] = {
        **(arguments.get("resource_attributes") or {}),
        "telemetry.distro.name": NAME,
        "telemetry.distro.version": __version__,
        **_identity(process.settings),
    }
    return arguments


def finish(process: Runtime) -> None:
    """After the SDK: the guards' own metrics, then Sentry."""
    if process.finished:
        return
    process.finished = True
    if not process.settings.sdk_disabled:
        registry.watch(_wiring(process), process.settings.disabled_instrumentations)
        ledger.install(process.settings, process.guard)
        drop_metrics.observe_guards()
        shutdown.flush_when_terminated(sentry.flush)
    sentry.start(process.settings, process.guard, tuple(registry.error_hooks()))


def instrument(entry_point: EntryPoint, **kwargs: Any) -> None:
    """Starts one instrumentation, unless nothing is exported."""
    process = prepare()
    if process.refused:
        return
    registry.load(entry_point, _wiring(process), **kwargs)


def instrument_standard() -> None:
    """Starts the standard instrumentations whose library is installed; one that fails doesn't stop the others."""
    process = prepare()
    for entry_point in registry.standard(process.settings.disabled_instrumentations):
        try:
            instrument(entry_point, skip_dep_check=True)
        except Exception as error:  # noqa: BLE001 - telemetry never breaks the application
            if not isinstance(error, ImportError):
                logger.warning("an instrumentation could not be started: %s", error)


def _wiring(process: Runtime) -> Wiring:
    return Wiring(process.guard, lean=process.settings.lean, excluded_urls=process.settings.excluded_urls)


def instrument_skipped() -> None:
    """Start the standard instrumentations that the check of versions left out, as it does SQLAlchemy's from 2.1 on."""
    process = _process
    if process is None or process.refused:
        return
    for entry_point in registry.standard(process.settings.disabled_instrumentations):
        try:
            instrumentor = entry_point.load()()
            if not instrumentor.is_instrumented_by_opentelemetry:
                instrument(entry_point, skip_dep_check=True)
        except ImportError:
            continue


def export_nothing(process: Runtime) -> None:
    """Leaves OpenTelemetry without exporters, and says why."""
    drops.drop("other", "unguarded")
    logger.error("nothing is exported: %s", process.refused)
    sentry.shut()


def shut_unguarded() -> None:
    """Shuts the exporters of providers that no guard stands at.

    Runs whichever distribution `opentelemetry-instrument` chose: an unguarded one must not win silently.
    """
    if _process is not None:
        return
    sentry.shut()
    closed = [
        provider
        for provider in (trace.get_tracer_provider(), metrics.get_meter_provider(), _logs.get_logger_provider())
        if hasattr(provider, "shutdown")
    ]
    for provider in closed:
        provider.shutdown()
    if closed:
        logger.error(
            "nothing is exported: another OpenTelemetry distribution was configured without the guards of"
            " pazpaz-opentelemetry; set OTEL_PYTHON_DISTRO=pazpaz_otel and OTEL_PYTHON_CONFIGURATOR=pazpaz_otel"
        )


def _evidence(settings: Settings, hosts: Any, identifiers: Any) -> Evidence:
    resource = dict(settings.resource_attributes)
    evidence = Evidence(
        hosts=hosts,
        identifiers=identifiers,
        configured=[resource[key] for key in _CONFIGURED_KEYS if key in resource],
        urls=settings.urls,
    )
    evidence.add_versions(
        version
        for version in (__version__, settings.release)
        if version and len(version) <= 64  # noqa: PLR2004
    )
    return evidence


def _identity(settings: Settings) -> dict[str, str]:
    # A pinned id is one process's; the workers that a server starts would share it, and their series collide.
    if settings.resource_attribute("service.instance.id") and not workers.is_worker():
        return {}
    return {"service.instance.id": str(uuid.uuid4())}


def _own_prometheus(process: Runtime) -> None:
    if not process.settings.enable_metrics or "prometheus" not in process.settings.metrics_exporters:
        return
    from pazpaz_otel.otel.prometheus import EmbeddedPrometheusReader, labels_of  # noqa: PLC0415

    EmbeddedPrometheusReader.labels = labels_of(process.guard.policy)
    choose_metrics_exporters(
        "pazpaz_prometheus" if name == "prometheus" else name for name in process.settings.metrics_exporters
    )
