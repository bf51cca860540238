"""Find what is wrong with the variables of OpenTelemetry, Sentry and this package.

The SDK accepts most values and fails later, with an exception that names no variable. The rules are those of the
OpenTelemetry specification, "Environment Variable Specification" and "OTLP Exporter Configuration".
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from pazpaz_otel.diagnosis import exporting, extras, own_settings
from pazpaz_otel.diagnosis.finding import Finding
from pazpaz_otel.parsing import OFF
from pazpaz_otel.settings import mask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_SIGNALS: Final = ("TRACES", "METRICS", "LOGS")
_PROTOCOLS: Final = ("grpc", "http/protobuf", "http/json")
_SAMPLERS: Final = (
    "always_on",
    "always_off",
    "traceidratio",
    "parentbased_always_on",
    "parentbased_always_off",
    "parentbased_traceidratio",
)
_EXPORTERS: Final = {
    "TRACES": "opentelemetry_traces_exporter",
    "METRICS": "opentelemetry_metrics_exporter",
    "LOGS": "opentelemetry_logs_exporter",
}
_INTEGER_VARIABLES: Final = re.compile(
    r"OTEL_(?:BSP|BLRP)_(?:SCHEDULE_DELAY|EXPORT_TIMEOUT|MAX_QUEUE_SIZE|MAX_EXPORT_BATCH_SIZE)"
    r"|OTEL_METRIC_EXPORT_(?:INTERVAL|TIMEOUT)|OTEL_EXPORTER_PROMETHEUS_PORT"
    r"|OTEL_(?:SPAN_|LOGRECORD_|EVENT_|LINK_)?ATTRIBUTE_(?:COUNT|VALUE_LENGTH)_LIMIT|OTEL_SPAN_(?:EVENT|LINK)_COUNT_LIMIT"
)
_HEADER: Final = re.compile(r"\s*[!#$%&'*+.^_`|~0-9A-Za-z-]+\s*=.*", re.DOTALL)
_DSN: Final = re.compile(r"https?://[^@/\s]+@[^/\s]+/(?:.*/)?\d+/?")
_GRPC_PORT: Final = 4317
_HTTP_PORT: Final = 4318
_UNSET: Final = "unset it, or"


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
    if env.get("ENABLE_METRICS", "").strip().lower() in OFF:
        yield Finding("note", "ENABLE_METRICS", "is false: there are no metrics", "unset it to have them")
    for signal in _SIGNALS:
        name = f"OTEL_{signal}_EXPORTER"
        if env.get(name, "").strip().lower() == "none":
            yield Finding("note", name, f"is none: {signal.lower()} go nowhere", "unset it to send them by OTLP")


def _exporters(env: Mapping[str, str]) -> Iterator[Finding]:
    for signal, group in _EXPORTERS.items():
        name = f"OTEL_{signal}_EXPORTER"
        if not env.get(name, "").strip():
            # The next line would load the entry points of every installed package.
            continue
        known = {found.name for found in entry_points(group=group)} | {
            "otlp",
            "otlp_proto_grpc",
            "console",
            "none",
            "prometheus",
        }
        for chosen in filter(None, (part.strip() for part in env.get(name, "").split(","))):
            if chosen not in known:
                yield _unknown(name, chosen, sorted(known), "exporter")


def _protocols(env: Mapping[str, str]) -> Iterator[Finding]:
    for name in ("OTEL_EXPORTER_OTLP_PROTOCOL", *(f"OTEL_EXPORTER_OTLP_{signal}_PROTOCOL" for signal in _SIGNALS)):
        value = env.get(name, "").strip()
        if value and value not in _PROTOCOLS[:2]:
            yield _unknown(name, value, list(_PROTOCOLS[:2]), "protocol")


def _endpoints(env: Mapping[str, str]) -> Iterator[Finding]:
    protocol = env.get("OTEL_EXPORTER_OTLP_PROTOCOL") or "http/protobuf"
    for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", *(f"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT" for signal in _SIGNALS)):
        value = env.get(name, "").strip()
        if not value:
            continue
        try:
            url = urlsplit(value)
            port = url.port
        except ValueError:
            yield Finding("fault", name, f"{mask(value, env)} isn't a URL", "write it like http://localhost:4318")
            continue
        if url.scheme not in {"http", "https"}:
            bare = mask(value, env).strip("'\"")
            hint = bare if bare.startswith(("http://", "https://")) else f"http://{bare.rpartition('://')[2]}"
            yield Finding("fault", name, f"{mask(value, env)} has no scheme of HTTP", f"write {hint}")
        elif name == "OTEL_EXPORTER_OTLP_ENDPOINT" and re.search(r"/v1/(?:traces|metrics|logs)/?$", url.path):
            text = f"{mask(value, env)} ends in a signal's path, which is appended again"
            yield Finding("fault", name, text, f"end it before {url.path[url.path.rindex('/v1/') :]}")
        elif protocol == "http/protobuf" and port == _GRPC_PORT:
            hint = f"use port {_HTTP_PORT}, or OTEL_EXPORTER_OTLP_PROTOCOL=grpc"
            yield Finding("fault", name, f"{mask(value, env)} is gRPC's default port, but the protocol is HTTP", hint)
        elif protocol == "grpc" and port == _HTTP_PORT:
            hint = f"use port {_GRPC_PORT}, or OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"
            yield Finding("fault", name, f"{mask(value, env)} is HTTP's default port, but the protocol is gRPC", hint)


def _headers(env: Mapping[str, str]) -> Iterator[Finding]:
    for name in ("OTEL_EXPORTER_OTLP_HEADERS", *(f"OTEL_EXPORTER_OTLP_{signal}_HEADERS" for signal in _SIGNALS)):
        wrong = [part for part in env.get(name, "").split(",") if part.strip() and not _HEADER.fullmatch(part)]
        if wrong:
            text = f"{len(wrong)} of its headers {'has' if len(wrong) == 1 else 'have'} no name and value"
            yield Finding("fault", name, text, "write authorization=Bearer%20TOKEN; separate several with commas")


def _samplers(env: Mapping[str, str]) -> Iterator[Finding]:
    name, argument = env.get("OTEL_TRACES_SAMPLER", "").strip(), env.get("OTEL_TRACES_SAMPLER_ARG", "").strip()
    if name.endswith("always_off"):
        text = "no request is traced" if name == "always_off" else "only requests with a traced caller are traced"
        yield Finding("note", "OTEL_TRACES_SAMPLER", f"is {name}: {text}", "unset it to trace every request")
    if name and name not in _SAMPLERS:
        known = sorted({*_SAMPLERS, *(found.name for found in entry_points(group="opentelemetry_traces_sampler"))})
        if name not in known:
            yield _unknown("OTEL_TRACES_SAMPLER", name, known, "sampler")
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


def _propagators(env: Mapping[str, str]) -> Iterator[Finding]:
    if not env.get("OTEL_PROPAGATORS", "").strip():
        return
    known = {found.name for found in entry_points(group="opentelemetry_propagator")} | {"none"}
    for chosen in filter(None, (part.strip() for part in env.get("OTEL_PROPAGATORS", "").split(","))):
        if chosen not in known:
            yield _unknown("OTEL_PROPAGATORS", chosen, sorted(known), "propagator")


def _resource(env: Mapping[str, str]) -> Iterator[Finding]:
    text = env.get("OTEL_RESOURCE_ATTRIBUTES", "")
    wrong = [part.strip() for part in text.split(",") if part.strip() and not part.partition("=")[0].strip()]
    wrong += [part.strip() for part in text.split(",") if part.strip() and "=" not in part]
    if wrong:
        said = f"{mask(wrong[0], env)} isn't key=value"
        hint = "write key=value; separate several with commas, and write a comma in a value as %2C"
        yield Finding("fault", "OTEL_RESOURCE_ATTRIBUTES", said, hint)
    if not env.get("OTEL_SERVICE_NAME") and "service.name=" not in text:
        said = "isn't set: telemetry is attributed to unknown_service"
        yield Finding("note", "OTEL_SERVICE_NAME", said, "name your service, such as practice-api")
    if "service.instance.id=" in text:
        said = "is pinned in OTEL_RESOURCE_ATTRIBUTES: with several workers, each gets its own id instead"
        yield Finding("note", "service.instance.id", said, "remove it")


def _numbers(env: Mapping[str, str]) -> Iterator[Finding]:
    for name, value in env.items():
        if value.strip() and _INTEGER_VARIABLES.fullmatch(name) and not re.fullmatch(r"\d+(?:\.0*)?", value.strip()):
            yield Finding("fault", name, f"{value!r} isn't an integer", f"{_UNSET} write one, such as 5000")


def _patterns(env: Mapping[str, str]) -> Iterator[Finding]:
    for name in (name for name in env if name.startswith("OTEL_PYTHON_") and name.endswith("EXCLUDED_URLS")):
        for pattern in filter(None, (part.strip() for part in env[name].split(","))):
            try:
                re.compile(pattern)
            except re.error as error:
                yield Finding("fault", name, f"{pattern} isn't a regular expression ({error.msg})", "escape it with \\")


def _sentry(env: Mapping[str, str]) -> Iterator[Finding]:
    dsn = env.get("SENTRY_DSN", "").strip()
    if dsn and not _DSN.fullmatch(dsn):
        text = "isn't a DSN: errors go nowhere"
        yield Finding("fault", "SENTRY_DSN", text, "copy it from the project's settings, Client Keys (DSN)")


def _elected(env: Mapping[str, str]) -> Iterator[Finding]:
    for variable in ("OTEL_PYTHON_DISTRO", "OTEL_PYTHON_CONFIGURATOR"):
        chosen = env.get(variable)
        if chosen not in {None, "", "pazpaz_otel"}:
            text = f"selects another distribution, {chosen}: nothing is exported"
            yield Finding("fault", variable, text, "set it to pazpaz_otel, or unset it")


def _instrumentations(env: Mapping[str, str]) -> Iterator[Finding]:
    if not env.get("OTEL_PYTHON_DISABLED_INSTRUMENTATIONS", "").strip():
        return
    known = sorted({found.name for found in entry_points(group="opentelemetry_instrumentor")})
    for name in filter(None, (x.strip() for x in env.get("OTEL_PYTHON_DISABLED_INSTRUMENTATIONS", "").split(","))):
        if name == "*":
            yield Finding("note", "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS", "is *: no library is instrumented")
        elif name not in known:
            yield _unknown("OTEL_PYTHON_DISABLED_INSTRUMENTATIONS", name, known, "installed instrumentation")


def _unknown(variable: str, value: str, known: list[str], noun: str) -> Finding:
    near = get_close_matches(value, known, 1, 0.5)
    text = f"there is no {noun} {value}" + (f"; did you mean {near[0]}?" if near else "")
    return Finding("fault", variable, text, f"choose one of {', '.join(known)}")


_RULES: Final[tuple[Callable[[Mapping[str, str]], Iterator[Finding]], ...]] = (
    _elected,
    _switches,
    own_settings.misnamed,
    own_settings.refused,
    own_settings.explaining,
    _exporters,
    extras.missing,
    _protocols,
    _endpoints,
    exporting.misused,
    _headers,
    _samplers,
    _propagators,
    _resource,
    _numbers,
    _patterns,
    _instrumentations,
    _sentry,
)
_SETTINGS_RULES: Final = (own_settings.refused, own_settings.explaining)
