"""Find what is wrong with the variables of OpenTelemetry, Sentry and this package.

The SDK accepts most values and fails later, with an exception that names no variable. The rules are those of the
OpenTelemetry specification, "Environment Variable Specification" and "OTLP Exporter Configuration".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import entry_points
from typing import Final

from pazpaz_otel.diagnosis import SIGNALS, Finding, doubtful, exporting, otlp_variables, own_settings, packages
from pazpaz_otel.parsing import is_off, names
from pazpaz_otel.settings import mask

_SAMPLERS: Final = tuple(
    f"{parent}{name}" for parent in ("", "parentbased_") for name in ("always_on", "always_off", "traceidratio")
)
_DISABLED: Final = "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS"
_EXPORTERS: Final = ("otlp", "otlp_proto_grpc", "console", "none")
_LISTS: Final[tuple[tuple[str, str, str, tuple[str, ...]], ...]] = (
    ("OTEL_TRACES_EXPORTER", "opentelemetry_traces_exporter", "exporter", _EXPORTERS),
    ("OTEL_METRICS_EXPORTER", "opentelemetry_metrics_exporter", "exporter", (*_EXPORTERS, "prometheus")),
    ("OTEL_LOGS_EXPORTER", "opentelemetry_logs_exporter", "exporter", _EXPORTERS),
    ("OTEL_PROPAGATORS", "opentelemetry_propagator", "propagator", ("none",)),
    ("OTEL_PYTHON_ID_GENERATOR", "opentelemetry_id_generator", "id generator", ()),
    ("OTEL_EXPERIMENTAL_RESOURCE_DETECTORS", "opentelemetry_resource_detector", "resource detector", ()),
    (_DISABLED, "opentelemetry_instrumentor", "installed instrumentation", ()),
)
"""Lists of entry points' names, each with their group and what else it takes."""
_ANY_URL: Final = "https://~/~"
_INTEGER_VARIABLES: Final = re.compile(
    r"OTEL_(?:BSP|BLRP)_(?:SCHEDULE_DELAY|EXPORT_TIMEOUT|MAX_QUEUE_SIZE|MAX_EXPORT_BATCH_SIZE)"
    r"|OTEL_METRIC_EXPORT_(?:INTERVAL|TIMEOUT)|OTEL_EXPORTER_PROMETHEUS_PORT|WEB_CONCURRENCY"
    r"|OTEL_(?:SPAN_|LOGRECORD_|EVENT_|LINK_)?ATTRIBUTE_(?:COUNT|VALUE_LENGTH)_LIMIT|OTEL_SPAN_(?:EVENT|LINK)_COUNT_LIMIT"
)
_POSITIVE_VARIABLES: Final = re.compile(
    r"OTEL_(?:BSP|BLRP)_(?:SCHEDULE_DELAY|MAX_QUEUE_SIZE|MAX_EXPORT_BATCH_SIZE)|OTEL_METRIC_EXPORT_INTERVAL"
)
_HEADER: Final = re.compile(r"\s*[!#$%&'*+.^_`|~0-9A-Za-z-]+\s*=.*", re.DOTALL)
_EMPTY_CREDENTIALS: Final = re.compile(r"\s*authorization\s*=\s*(?:bearer|basic)?(?:\s|%20)*", re.IGNORECASE)
_DSN: Final = re.compile(r"https?://[^@/\s]+@[^/\s]+/(?:.*/)?\d+/?")


def judge(variables: Mapping[str, str], *, read: bool = False) -> list[Finding]:
    """Return what is wrong with an environment's variables, or worth knowing about them.

    Args:
        variables: the environment.
        read: whether this package's settings were already read from it, so that their values needn't be checked again.
    """
    rules = [rule for rule in _RULES if not (read and rule in _SETTINGS_RULES)]
    return [finding for rule in rules for finding in rule(variables)]


def _switches(env: Mapping[str, str]) -> Iterator[Finding]:
    if env.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        yield Finding("fault", "OTEL_SDK_DISABLED", "is true: nothing is traced, counted or logged", "unset it")
    if is_off(env, "ENABLE_METRICS"):
        yield Finding("note", "ENABLE_METRICS", "is false: there are no metrics", "unset it to have them")
    for signal in SIGNALS:
        name = f"OTEL_{signal}_EXPORTER"
        if env.get(name, "").strip().lower() == "none":
            yield Finding("note", name, f"is none: {signal.lower()} go nowhere", "unset it to send them by OTLP")
    if "*" in names(env.get(_DISABLED, "")):
        yield Finding("note", _DISABLED, "is *: no library is instrumented")


def _not_installed(env: Mapping[str, str]) -> Iterator[Finding]:
    """Yield a fault for each name in a list that is neither an installed entry point nor built in."""
    for variable, group, noun, built_in in _LISTS:
        chosen = [name for name in names(env.get(variable, "")) if name != "*"]
        # Without a value, this would load the entry points of every installed package at each start.
        known = sorted({found.name for found in entry_points(group=group)}.union(built_in)) if chosen else []
        yield from (exporting.unknown(variable, name, known, noun) for name in chosen if name not in known)


def _headers(env: Mapping[str, str]) -> Iterator[Finding]:
    for name in otlp_variables("HEADERS"):
        wrong = [part for part in env.get(name, "").split(",") if part.strip() and not _HEADER.fullmatch(part)]
        if wrong:
            text = f"{len(wrong)} of its headers {'has' if len(wrong) == 1 else 'have'} no name and value"
            yield Finding("fault", name, text, "write authorization=Bearer%20TOKEN; separate several with commas")
        if any(map(_EMPTY_CREDENTIALS.fullmatch, env.get(name, "").split(","))):
            # An example of what to write would be masked: so far, it is the header's value.
            yield Finding("fault", name, "authorization has no token", "add the receiver's token to its value")


def _samplers(env: Mapping[str, str]) -> Iterator[Finding]:
    name, argument = env.get("OTEL_TRACES_SAMPLER", "").strip(), env.get("OTEL_TRACES_SAMPLER_ARG", "").strip()
    if name.endswith("always_off"):
        text = "no request is traced" if name == "always_off" else "only requests with a traced caller are traced"
        yield Finding("note", "OTEL_TRACES_SAMPLER", f"is {name}: {text}", "unset it to trace every request")
    if name and name not in _SAMPLERS:
        known = sorted({*_SAMPLERS, *(found.name for found in entry_points(group="opentelemetry_traces_sampler"))})
        if name not in known:
            yield exporting.unknown("OTEL_TRACES_SAMPLER", name, known, "sampler")
    if name.endswith("traceidratio") and argument:
        try:
            ratio = float(argument)
        except ValueError:
            ratio = -1.0
        if not 0 <= ratio <= 1:
            text = f"{argument} isn't a ratio"
            yield Finding("fault", "OTEL_TRACES_SAMPLER_ARG", text, "write a number from 0 to 1, such as 0.1")
        elif ratio == 0:
            text = "is 0: no request is traced" if not name.startswith("parent") else "is 0: no new trace is started"
            yield Finding("note", "OTEL_TRACES_SAMPLER_ARG", text, "write the ratio to keep, such as 0.1")
    elif argument and not name:
        text = f"{argument} has no effect without a sampler"
        yield Finding("note", "OTEL_TRACES_SAMPLER_ARG", text, "set OTEL_TRACES_SAMPLER=parentbased_traceidratio")


def _resource(env: Mapping[str, str]) -> Iterator[Finding]:
    text = env.get("OTEL_RESOURCE_ATTRIBUTES", "")
    wrong = [part.strip() for part in text.split(",") if part.strip() and not part.partition("=")[0].strip()]
    wrong += [part.strip() for part in text.split(",") if part.strip() and "=" not in part]
    if wrong:
        said = f"{mask(wrong[0], env)} isn't key=value"
        hint = "write key=value; separate several with commas, and write a comma in a value as %2C"
        yield Finding("fault", "OTEL_RESOURCE_ATTRIBUTES", said, hint)
    if not env.get("OTEL_SERVICE_NAME", "").strip() and "service.name=" not in text:
        said = "isn't set: telemetry is attributed to unknown_service"
        yield Finding("note", "OTEL_SERVICE_NAME", said, "name your service, such as practice-api")
    if "service.instance.id=" in text:
        said = "is pinned in OTEL_RESOURCE_ATTRIBUTES: with several workers, each gets its own id instead"
        yield Finding("note", "service.instance.id", said, "remove it")


def _numbers(env: Mapping[str, str]) -> Iterator[Finding]:
    for name, value in env.items():
        if value.strip() and _INTEGER_VARIABLES.fullmatch(name) and not re.fullmatch(r"\d+(?:\.0*)?", value.strip()):
            example = 4 if name == "WEB_CONCURRENCY" else 5000
            yield Finding("fault", name, f"{value!r} isn't an integer", f"unset it, or write one, such as {example}")
        elif value.strip() and _POSITIVE_VARIABLES.fullmatch(name) and float(value) == 0:
            yield Finding("fault", name, "is 0: the SDK refuses to start, nothing is exported", "unset it")


def _patterns(env: Mapping[str, str]) -> Iterator[Finding]:
    for name in (name for name in env if name.startswith("OTEL_PYTHON_") and name.endswith("EXCLUDED_URLS")):
        for pattern in names(env[name]):
            try:
                if re.search(pattern, _ANY_URL):
                    text = f"{pattern} is found in every URL: no request is traced or counted"
                    yield Finding("fault", name, text, "write a pattern of some paths, such as /internal/")
            except re.error as error:
                yield Finding("fault", name, f"{pattern} isn't a regular expression ({error.msg})", "escape it with \\")


def _sentry(env: Mapping[str, str]) -> Iterator[Finding]:
    dsn = env.get("SENTRY_DSN", "").strip()
    if dsn and not _DSN.fullmatch(dsn):
        text = "isn't a DSN: errors go nowhere"
        yield Finding("fault", "SENTRY_DSN", text, "copy it from the project's settings, Client Keys (DSN)")


def _elected(env: Mapping[str, str]) -> Iterator[Finding]:
    chosen = {name: env.get(name) for name in ("OTEL_PYTHON_DISTRO", "OTEL_PYTHON_CONFIGURATOR")}
    others = {name: other for name, other in chosen.items() if other not in {None, "", "pazpaz_otel"}}
    # One of the two entry points is enough to put the guards in front of what the other distribution sets up.
    then = "nothing is exported" if len(others) == len(chosen) else "what it sets up is guarded, but isn't tested"
    for name, other in others.items():
        yield Finding(
            "fault", name, f"selects another distribution, {other}: {then}", "set it to pazpaz_otel, or unset it"
        )


_RULES: Final[tuple[Callable[[Mapping[str, str]], Iterator[Finding]], ...]] = (
    _elected,
    _switches,
    doubtful.unfilled,
    own_settings.misnamed,
    own_settings.refused,
    own_settings.explaining,
    _not_installed,
    packages.missing,
    exporting.protocols,
    exporting.endpoints,
    exporting.misused,
    doubtful.contradicting,
    doubtful.captured_headers,
    doubtful.cut,
    doubtful.mistimed,
    doubtful.elsewhere,
    _headers,
    _samplers,
    _resource,
    _numbers,
    _patterns,
    _sentry,
)
_SETTINGS_RULES: Final = (own_settings.refused, own_settings.explaining)
