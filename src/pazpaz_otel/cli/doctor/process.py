"""Turn what the doctor's probe found in a process, and what is installed, into findings."""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from importlib.metadata import entry_points, version
from pathlib import Path
from typing import Any, Final

from pazpaz_otel.audit.application.describe import NOT_THERE
from pazpaz_otel.audit.excerpt import of_source
from pazpaz_otel.diagnosis import Finding, loaded
from pazpaz_otel.diagnosis.packages import install_command
from pazpaz_otel.diagnosis.summary import is_of_success
from pazpaz_otel.errors import PazPazOtelError
from pazpaz_otel.notices import OWN_LINE
from pazpaz_otel.policy import load_policy
from pazpaz_otel.policy.advice import advice
from pazpaz_otel.policy.document import Document
from pazpaz_otel.settings import Settings, inherited

_DIGEST: Final = re.compile(r'"pazpaz_otel\.policy\.digest"\]\s*==\s*"([0-9a-f]{16})"|\b([0-9a-f]{16})\b')
_DJANGO_SETTINGS: Final = "DJANGO_SETTINGS_MODULE"
_SET_DJANGO_SETTINGS: Final = "set it to the module of the project's settings, such as clinic.settings"
_PACKAGE_PREFIX: Final = "pazpaz_otel."
_TEMPORALITY: Final = "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE"
_DELTAS: Final = frozenset({"delta", "lowmemory"})


def distributions() -> Iterator[Finding]:
    """Check that `opentelemetry-instrument` selects this distribution."""
    for group, variable in (
        ("opentelemetry_distro", "OTEL_PYTHON_DISTRO"),
        ("opentelemetry_configurator", "OTEL_PYTHON_CONFIGURATOR"),
    ):
        names = sorted({found.name for found in entry_points(group=group)})
        others = [name for name in names if name != "pazpaz_otel"]
        if "pazpaz_otel" not in names:
            hint = "install pazpaz-opentelemetry into the environment that the application runs in"
            yield Finding("fault", group, "this package's entry point isn't installed", hint)
        elif others and inherited().get(variable) in {None, ""}:
            text = f"also installed: {', '.join(others)}; this one is selected"
            yield Finding("note", group, text, f"{variable}=pazpaz_otel makes it explicit")
        else:
            yield Finding("ok", group, "ours")


def examined(found: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield the findings about a process that examined itself."""
    yield from _guards(found)
    yield from _patches(found["moved"])
    if found["refused"] or not found["finished"]:
        # Nothing else was set up, so any other finding would follow from this one.
        return
    yield from _settings(found)
    yield from _instrumentations(found["instrumentations"])
    yield from _handlers(found["handlers"], app=bool(found.get("app")))
    yield from _own_metrics(found.get("exposes", ()))
    yield from _providers(found["providers"])
    yield from _hindered(found["hindrances"])
    yield from map(loaded.judge, found["loaded"])
    yield _workers(found["several"], found["ledger"], found["no_ledger"])
    yield from _metrics(found)


def unstarted(app: str | None, code: int, lines: Sequence[str]) -> Finding:
    """Return the finding about a process that ended before it examined itself."""
    told = lines[-1] if lines else ""
    if _DJANGO_SETTINGS in told:
        return Finding("fault", _DJANGO_SETTINGS, "isn't set, but needed", _SET_DJANGO_SETTINGS)
    if code == NOT_THERE and told.startswith(OWN_LINE):
        hint = "--app takes module:attribute, as uvicorn does, in the folder in which the application starts"
        return Finding("fault", "process", f"{app} can't be imported: {told.removeprefix(OWN_LINE)}", hint)
    # The reason for a failed start stands before the traceback that follows from it; what isn't our own line may be
    # whatever the application printed.
    own = (line for line in lines if line.startswith(OWN_LINE) and not is_of_success(line))
    reason = next(own, "").removeprefix(OWN_LINE) or of_source(told, besides=" ".join(dir(builtins)))
    return Finding("fault", "process", f"it ended with {code}: {reason}".removesuffix(": "))


def policy() -> list[Finding]:
    """Return likely mistakes in the policy file, like `pazpaz-otel policy check`."""
    with suppress(PazPazOtelError, OSError):
        file = Settings.from_env().policy
        if file and Path(file).is_file() and load_policy(file):
            document = Document(Path(file).read_text(encoding="utf-8-sig"), Path(file).name)
            return [Finding("note", "policy", one.problem, one.hint or "") for one in advice(document)]
    return []


def digests(folder: str) -> list[Finding]:
    """Compare the policy with the one from which a Collector's configuration was rendered."""
    try:
        digest = load_policy(Settings.from_env().policy).digest
    except PazPazOtelError:
        # The policy's fault is reported elsewhere.
        return []
    files = sorted(Path(folder).glob("wall-*.yaml"))
    if not files:
        return [Finding("fault", "Collector", f"there is no wall-*.yaml in {folder}", "pazpaz-otel collector render")]
    known = {match[1] or match[2] for file in files for match in _DIGEST.finditer(file.read_text(encoding="utf-8"))}
    if digest in known:
        return [Finding("ok", "Collector", f"its wall knows this policy, {digest}")]
    text = f"its wall was rendered from a policy other than {digest}"
    return [Finding("fault", "Collector", text, "run pazpaz-otel collector render with the same policy, and reload it")]


def _guards(found: Mapping[str, Any]) -> Iterator[Finding]:
    bare = [signal for signal, guarded in found["guarded"].items() if not guarded]
    if found["refused"]:
        hint = "`pazpaz-otel policy check` lists every fault in it" if found["by_policy"] else ""
        yield Finding("fault", "guards", f"nothing is exported: {found['refused']}", hint)
    elif not found["finished"]:
        yield Finding("fault", "guards", "another distribution configured the SDK: nothing is exported")
    elif Settings.from_env().sdk_disabled:
        yield Finding("ok", "guards", "have nothing to guard: the SDK is off")
    elif bare:
        yield Finding("fault", "guards", f"not in front of {', '.join(bare)}")
    else:
        distro = found["resource"].get("telemetry.distro.version", "")
        yield Finding("ok", "guards", f"in front of traces, metrics and logs; pazpaz-opentelemetry {distro}".strip())
        yield Finding("ok", "policy", f"{found['policy']}, digest {found['digest']}")


def _patches(moved: Iterable[str]) -> Iterator[Finding]:
    hint = "install the pinned release and report this; until then, what the patch does is missing"
    yield from (Finding("fault", "replaced method", line, hint) for line in moved)


def _settings(found: Mapping[str, Any]) -> Iterator[Finding]:
    if found["unsent"]:
        hint = "name them in the policy, or correct the spelling"
        yield Finding("note", "OTEL_RESOURCE_ATTRIBUTES", found["unsent"], hint)
    if found["instrumentations"].get("Django", "").startswith("on") and found["no_django_settings"]:
        text = "isn't set: Django starts only where the program sets it, as manage.py, wsgi.py and asgi.py do"
        yield Finding("note", _DJANGO_SETTINGS, text, _SET_DJANGO_SETTINGS)
    if unproven := found.get("unproven_routes", 0):
        text = f"sent without their path, because the application's source doesn't have all of its words: {unproven}"
        hint = "a configured prefix is known from a variable, constant or pydantic setting such as API_PREFIX"
        yield Finding("note", "routes", text, hint)


def _instrumentations(states: Mapping[str, str]) -> Iterator[Finding]:
    on = [name for name, state in states.items() if state.startswith("on")]
    if on:
        yield Finding("ok", "instrumentations", ", ".join(sorted(on)))
    for name, state in sorted(states.items()):
        if state.startswith("off"):
            missing = re.search(r"opentelemetry-instrumentation-\S+(?= isn't installed)", state)
            hint = install_command(f"{missing[0]}=={version('opentelemetry-instrumentation')}") if missing else ""
            yield Finding("note", f"instrumentation {name}", state, hint)


def _handlers(unguarded: Sequence[str], *, app: bool) -> Iterator[Finding]:
    hint = "PAZPAZ_OTEL_GUARD_OUTPUT=true guards all of them; or set pazpaz_otel.logging.GuardedFormatter"
    yield from (Finding("fault", "log handler", f"{name} writes unguarded lines", hint) for name in unguarded)
    if not unguarded:
        more = "" if app else " that the distribution set up; pass --app to check the application's own"
        yield Finding("ok", "log handlers", f"none without a guard{more}")


def _own_metrics(paths: Iterable[str]) -> Iterator[Finding]:
    hint = "remove it, and let Prometheus scrape the embedded endpoint: OTEL_METRICS_EXPORTER=prometheus"
    text = "is the application's own metrics endpoint: its labels aren't guarded"
    yield from (Finding("note", f"GET {path}", text, hint) for path in paths)


def _providers(counts: Mapping[str, int]) -> Iterator[Finding]:
    hint = "use the global provider, so that a request's spans are in one trace and counted once"
    for kind, count in sorted(counts.items()):
        if count > 1:
            yield Finding("note", kind, f"the process has {count}; each is guarded", hint)


def _hindered(hindrances: Mapping[str, str]) -> Iterator[Finding]:
    kept = {
        "traces": "OpenTelemetry's own packages handle requests and queries",
        "metrics": "the SDK aggregates what they measure",
    }
    hint = "leave it out where it isn't needed; what leaves is guarded either way"
    for signal, reason in sorted(hindrances.items()):
        # Limits are variables, named as such.
        if reason != "limits that cut attributes":
            yield Finding("note", signal, f"their provider has {reason}: {kept[signal]}; a request costs more", hint)


def _workers(several: str | None, ledger: str, no_ledger: str | None) -> Finding:
    settings = Settings.from_env()
    if no_ledger:
        text = f"{several or 'a ledger is asked for'}, but there is none: {no_ledger}; counts can't be summed exactly"
        hint = "set PAZPAZ_OTEL_LEDGER to a local directory that the workers may write"
        return Finding("fault", "workers", text, hint)
    if not several:
        text = "WEB_CONCURRENCY asks for one; a server's own option, such as --workers, can't be seen from here"
        return Finding("ok", "workers", text)
    if ledger != "off":
        if "otlp" in settings.metrics_exporters and inherited().get(_TEMPORALITY, "").strip().lower() in _DELTAS:
            text = f"{several}; each exports deltas of its own counts, which the ledger doesn't take"
            return Finding("note", "workers", text, f"unset {_TEMPORALITY}, if the receiver takes sums")
        return Finding("ok", "workers", f"{several}; they share their counts in the ledger")
    if "prometheus" in settings.metrics_exporters:
        text = f"{several}, and each would show its own share of the counts on the Prometheus endpoint"
        return Finding("fault", "workers", text, "unset PAZPAZ_OTEL_LEDGER, or use OTEL_METRICS_EXPORTER=otlp")
    text = f"{several}, and the ledger is off: each restart creates new series"
    return Finding("note", "workers", text, "unset PAZPAZ_OTEL_LEDGER")


def _metrics(found: Mapping[str, Any]) -> Iterator[Finding]:
    # A rule in the policy gives a metric its attributes, its limit and its range.
    undeclared = {
        name: kind for name, kind in found.get("undeclared", {}).items() if not name.startswith(_PACKAGE_PREFIX)
    }
    if undeclared:
        lines = ", ".join(f"{name}: {{type: {kind}, undeclared: drop}}" for name, kind in undeclared.items())
        text = f"sent though the policy doesn't declare them: {len(undeclared)}"
        hint = f"metrics: {{{lines}}}, each with a list of attributes if it is to keep any"
        yield Finding("note", "metrics", text, hint)
    for group, text in (
        ("bridged", "of prometheus_client, sent though the policy doesn't declare them"),
        ("unbridged", "of prometheus_client, not sent"),
    ):
        metrics = found.get(group, {})
        if metrics:
            hint = _bridging(metrics, found.get("keys", ()))
            yield Finding("note", "metrics", f"{text}: {len(metrics)}", hint)
    if found.get("unnamed"):
        text = f"of prometheus_client, not sent, because the source doesn't have their names: {found['unnamed']}"
        yield Finding("note", "metrics", text, "declare them in the policy, with source: prometheus_client")


def _bridging(metrics: Mapping[str, tuple[str, Sequence[str]]], declared: Iterable[str]) -> str:
    """Return the policy's lines that declare metrics of prometheus_client, and the attributes that are new."""
    lines = []
    for name, (kind, keys) in metrics.items():
        attributes = f", attributes: [{', '.join(keys)}]" if keys else ""
        lines.append(f"{name}: {{type: {kind}, source: prometheus_client{attributes}}}")
    new = sorted({key for _, keys in metrics.values() for key in keys} - set(declared))
    kinds = f"attributes: {{{', '.join(f'{key}: <kind>' for key in new)}}} and " if new else ""
    return f"{kinds}metrics: {{{', '.join(lines)}}}"
