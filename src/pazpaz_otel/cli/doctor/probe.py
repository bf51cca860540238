"""The process that `pazpaz-otel doctor` examines: it is started as the application would be, and examines itself.

Run as ``opentelemetry-instrument python -m pazpaz_otel.cli.doctor.probe``. It writes its findings as JSON to the file
that its argument names.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import importlib.util
import json
import logging
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from opentelemetry import metrics, trace
from opentelemetry._logs import get_logger_provider
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.trace import Tracer, TracerProvider

from pazpaz_otel import distro, patches, runtime
from pazpaz_otel.audit.application.describe import application
from pazpaz_otel.audit.application.metrics_pages import declared
from pazpaz_otel.audit.excerpt import is_of_source, of_source
from pazpaz_otel.diagnosis import loaded
from pazpaz_otel.errors import PolicyError
from pazpaz_otel.integrations.output import is_guarded as is_guarded_output
from pazpaz_otel.integrations.registry import states
from pazpaz_otel.integrations.starlette import routes
from pazpaz_otel.integrations.structlog_processors import merged
from pazpaz_otel.logging import GuardedFormatter, guard_event
from pazpaz_otel.otel.ledger import install
from pazpaz_otel.otel.otlp import shapes
from pazpaz_otel.otel.prepared import collection
from pazpaz_otel.otel.prometheus_client_bridge import PrometheusClientBridge
from pazpaz_otel.otel.providers import is_guarded
from pazpaz_otel.otel.workers import reason_for_several
from pazpaz_otel.redact import undeclared
from pazpaz_otel.redact.guards import describe_unsent
from pazpaz_otel.redact.logger_names import logger_name
from pazpaz_otel.redact.provenance.module_index import class_name
from pazpaz_otel.settings import Settings, inherited

_UVICORN = "uvicorn.access uvicorn.error uvicorn.asgi"
_OTEL_HANDLERS = ("opentelemetry.", "pazpaz_otel.", "logging.NullHandler")
# The record factory guards the SDK's own records in every handler; Sentry's records exist only in its debug mode.
_OWN_LOGGERS = ("opentelemetry", "pazpaz_otel", "sentry_sdk")


def main() -> None:
    """Examine the process and write the findings to a file."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--record", type=Path, required=True)
    parser.add_argument("--app")
    arguments = parser.parse_args()
    # The entry points of another distribution have run by now; importing this package changed nothing.
    process = runtime.current()
    settings = process.settings if process is not None else Settings()
    errors = [process.refused] if process is not None else list(map(runtime.as_ours, distro.startup_errors))
    refused = next(filter(None, errors), None)
    found: dict[str, Any] = {
        "guarded": _guarded(),
        "finished": process is not None and process.finished,
        "refused": str(refused) if refused else None,
        "by_policy": isinstance(refused, PolicyError),
        "instrumentations": states(),
        "resource": _resource(),
        "unsent": describe_unsent(settings.resource_attributes, runtime.guard()),
        "policy": Path(settings.policy).name if settings.policy else "default",
        "digest": process.guard.policy.digest if process is not None else "",
        "several": reason_for_several(settings.web_concurrency),
        "ledger": settings.ledger,
        "no_ledger": install.refusal(settings, runtime.guard().policy.digest),
    }
    if arguments.app:
        sys.path.insert(0, "")
        if importlib.util.find_spec("uvicorn"):
            # uvicorn sets up its handlers before it imports the application, which may replace them.
            importlib.import_module("uvicorn").Config(arguments.app)
        found["app"] = arguments.app
        app = application(arguments.app)
        found["exposes"] = declared(app)
        found["unproven_routes"] = _unproven_routes(app)
    # By now the program has set the variable, if it does so itself.
    found["no_django_settings"] = "DJANGO_SETTINGS_MODULE" not in inherited()
    found["handlers"] = unguarded_handlers()
    # This imports every library that has a patch.
    found["moved"] = [str(state) for state in patches.verify() if state.state == "moved"]
    found["providers"] = _providers()
    found["hindrances"] = _hindrances()
    found["loaded"] = loaded.loaded()
    bridge = PrometheusClientBridge(runtime.guard().policy)
    found["undeclared"] = {
        name: rule.type for name, rule in undeclared.rules().items() if rule.source != "prometheus_client"
    }
    found["bridged"], stay = bridge.undeclared(bridged=True), bridge.undeclared(bridged=False)
    # What stays may have a name that data made.
    found["unbridged"] = {name: one for name, one in stay.items() if all(map(is_of_source, (name, *one[1])))}
    found["unnamed"] = len(stay) - len(found["unbridged"])
    found["keys"] = list(runtime.guard().policy.attributes)
    arguments.record.write_text(json.dumps(found), encoding="utf-8")


def _unproven_routes(app: Any) -> int:
    evidence = runtime.guard().evidence
    served = routes.routed(app) if "starlette" in sys.modules else None
    if served is not None:
        # It registers itself only once it serves.
        routes.register(served, evidence)
    return evidence.unproven_routes()


def _guarded() -> dict[str, bool]:
    traces: Any = trace.get_tracer_provider()
    logs: Any = get_logger_provider()
    return {
        "traces": is_guarded(traces),
        "logs": is_guarded(logs),
        # A metric reader has no visible processor; the guards are installed for all three providers at once.
        "metrics": patches.is_installed("measurements.collect"),
    }


def _providers() -> dict[str, int]:
    """Return the number of providers of each kind in the process."""
    kinds = {"TracerProvider": TracerProvider, "MeterProvider": MeterProvider, "LoggerProvider": LoggerProvider}
    # What the application froze isn't listed, and this process ends with its answers.
    gc.unfreeze()
    # By their real type: `isinstance` asks a lazy object for its class, and so evaluates it.
    types = list(map(type, gc.get_objects()))
    # By identity: a metaclass may hash and compare as it likes.
    counts, by_id = Counter(map(id, types)), {id(one): one for one in types}
    return {name: sum(n for one, n in counts.items() if issubclass(by_id[one], kind)) for name, kind in kinds.items()}


def _hindrances() -> dict[str, str]:
    """Return what keeps the global providers from our own way, by signal."""
    found: dict[str, str | None] = {}
    tracer = trace.get_tracer_provider().get_tracer("pazpaz_otel")
    if isinstance(tracer, Tracer):
        found["traces"] = shapes.hindrance(tracer)
    measures: Any = metrics.get_meter_provider()
    if isinstance(measures, MeterProvider):
        found["metrics"] = collection.hindrance(measures._measurement_consumer)  # noqa: SLF001 - the instruments'
    return {signal: reason for signal, reason in found.items() if reason is not None}


def _resource() -> dict[str, str]:
    resource: Any = getattr(trace.get_tracer_provider(), "resource", None)
    shown = ("service.name", "service.instance.id", "telemetry.distro.name", "telemetry.distro.version")
    return {key: str(resource.attributes[key]) for key in shown if resource and key in resource.attributes}


def unguarded_handlers() -> list[str]:
    """Return the name and place of everything that writes log lines without a guard in this process."""
    is_output_guarded = patches.is_installed("logging.handler.handle")
    unguarded = []
    for logger in (logging.getLogger(), *logging.root.manager.loggerDict.values()):
        if not isinstance(logger, logging.Logger) or logger.disabled or logger.name.startswith(_OWN_LOGGERS):
            continue
        for handler in logger.handlers:
            name = f"{type(handler).__module__}.{type(handler).__qualname__}"
            is_safe = is_guarded_output(handler) if is_output_guarded else _is_guarded(handler.formatter)
            if not name.startswith(_OTEL_HANDLERS) and not is_safe:
                kind = next(filter(None, map(class_name, type(handler).__mro__)))
                # With marks in place of what data may have made.
                name = of_source(logger.name, besides=f"{logger_name(logger.name)} {_UVICORN}")
                unguarded.append(f"{kind} of logger {name}")
    return unguarded if is_output_guarded else unguarded + _unguarded_structlog() + _loguru_sinks()


def _loguru_sinks() -> list[str]:
    loguru = sys.modules.get("loguru")
    handlers = loguru.logger._core.handlers.values() if loguru is not None else ()  # noqa: SLF001 - there is no public list
    return ["loguru's own output"] if handlers else []


def _is_guarded(formatter: logging.Formatter | None) -> bool:
    return isinstance(formatter, GuardedFormatter) or guard_event in getattr(formatter, "processors", ())


def _unguarded_structlog() -> list[str]:
    structlog = sys.modules.get("structlog")
    if structlog is None or not structlog.is_configured():
        return []
    processors = structlog.get_config()["processors"]
    to_formatter = any(getattr(one, "__qualname__", "").endswith("wrap_for_formatter") for one in processors)
    return [] if to_formatter or guard_event in processors[merged(processors) :] else ["structlog's own output"]


if __name__ == "__main__":
    main()
    # As the process ends, nothing more is collected: that would walk every library, for half a second.
    gc.freeze()
