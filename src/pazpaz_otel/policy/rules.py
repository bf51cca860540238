"""Checks that a schema can't express: contradictions between entries, and values that can't work."""

from __future__ import annotations

import ipaddress
import re
import string
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.policy import prometheus
from pazpaz_otel.policy.fault import Fault
from pazpaz_otel.policy.kinds import KIND_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pazpaz_otel.policy.fault import Path

# A last label of digits alone makes it a number or an address, and both could identify a person.
_HOST: Final = re.compile(r"(?:(?!-)[A-Za-z0-9_-]{1,63}(?<!-)\.)*(?!-|\d+\Z)[A-Za-z0-9_-]{1,63}(?<!-)")
_COLLECTOR_DERIVED: Final = {
    "http.server.request.duration": (("http.requests", "counter", ""), ("http.request.duration", "histogram", "s"))
}
"""The metrics that the Collector derives from a metric, under the guide's names."""
_SENTRY_OWN_TAGS: Final = frozenset({"dist", "filename", "function", "release", "user"})
"""Tags that Sentry removes: it derives them from other parts of an event."""
_NEVER_NEGATIVE: Final = ("counter", "observable_counter", "histogram")


def faults(own: Mapping[str, Any], merged: Mapping[str, Any], default: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield every entry of a policy that contradicts another one or can't work.

    Entries that don't fit the schema are skipped; the schema's check reports them.
    """
    yield from _bounds(own)
    yield from _declared_labels(own)
    yield from _metrics(own, merged, default)
    yield from _types(own, default)
    yield from _names(own, merged)
    yield from _messages(own)
    yield from _hosts(own)
    yield from _baggage(own)
    yield from _sentry(_mapping(own.get("sentry")))
    yield from _own_attributes(own, default)


def kinds_of(own: Mapping[str, Any]) -> Iterator[tuple[Path, Any]]:
    """Yield every kind that a file declares, with its path."""
    for key, rule in _mapping(own.get("attributes")).items():
        yield ("attributes", str(key)), rule
    for key, rule in _mapping(own.get("baggage")).items():
        yield ("baggage", str(key), "kind"), _mapping(rule).get("kind")
    sentry = _mapping(own.get("sentry"))
    for key, rule in _mapping(sentry.get("tags")).items():
        yield ("sentry", "tags", str(key)), rule
    for name, context in _mapping(sentry.get("contexts")).items():
        for key, rule in _mapping(context).items():
            yield ("sentry", "contexts", str(name), str(key)), rule


def _bounds(own: Mapping[str, Any]) -> Iterator[Fault]:
    pairs = [((*path, "number"), _mapping(rule).get("number")) for path, rule in kinds_of(own)]
    for name, rule in _mapping(own.get("metrics")).items():
        pairs.append((("metrics", str(name), "range"), _mapping(rule).get("range")))
    for path, pair in pairs:
        if not isinstance(pair, list) or len(pair) != 2:  # noqa: PLR2004
            continue
        low, high = pair
        if all(isinstance(bound, (int, float)) for bound in pair) and low > high:
            yield Fault(path, f"the minimum, {low}, is greater than the maximum, {high}", f"[{high}, {low}]")


def _metrics(own: Mapping[str, Any], merged: Mapping[str, Any], default: Mapping[str, Any]) -> Iterator[Fault]:
    attributes, shipped = _mapping(merged.get("attributes")), _mapping(default.get("attributes"))
    for name, rule in _mapping(own.get("metrics")).items():
        if not isinstance(rule, dict):
            continue
        path: Path = ("metrics", str(name))
        keys = [key for key in _sequence(rule.get("attributes")) if isinstance(key, str)]
        for place, key in enumerate(keys):
            if key not in attributes:
                hint = f"add `{key}` with its kind under `attributes`"
                hint = f"add `extends: default`, whose policy has it, or {hint}" if key in shipped else hint
                yield Fault((*path, "attributes", place), f"the attribute `{key}` isn't declared", hint)
        yield from _labels(path, keys, attributes)
        buckets = [bound for bound in _sequence(rule.get("buckets")) if isinstance(bound, (int, float))]
        if buckets and rule.get("type") != "histogram":
            yield Fault((*path, "buckets"), "only a histogram has buckets", "type: histogram")
        if buckets != sorted(set(buckets)):
            yield Fault((*path, "buckets"), "bucket boundaries must increase", f"{sorted(set(buckets))}")


def _types(own: Mapping[str, Any], default: Mapping[str, Any]) -> Iterator[Fault]:
    shipped = _mapping(default.get("metrics"))
    for name, rule in _mapping(own.get("metrics")).items():
        declared, made = _mapping(rule).get("type"), _mapping(shipped.get(name)).get("type")
        if isinstance(declared, str) and made is not None and made != declared:
            problem = f"the instrumentation creates `{name}` as {made}, so all of it would be dropped"
            yield Fault(("metrics", str(name), "type"), problem, f"type: {made}")
        greatest = next(iter(_sequence(_mapping(rule).get("range"))[1:]), 0)
        if isinstance(greatest, (int, float)) and greatest < 0 and declared in _NEVER_NEGATIVE:
            yield Fault(("metrics", str(name), "range"), f"a {declared} can't be negative", "for example [0, 100]")


def _declared_labels(own: Mapping[str, Any]) -> Iterator[Fault]:
    for key, rule in _mapping(own.get("attributes")).items():
        label = _mapping(rule).get("label")
        if isinstance(label, str) and prometheus.is_reserved(label):
            yield Fault(("attributes", str(key), "label"), f"`{label}` is reserved by Prometheus", "another label")


def _labels(path: Path, keys: list[str], attributes: Mapping[str, Any]) -> Iterator[Fault]:
    labels: dict[str, str] = {}
    for key in keys:
        shown = str(_mapping(attributes.get(key)).get("label") or prometheus.label(key))
        if prometheus.is_reserved(shown):
            yield Fault(path, f"the label `{shown}` of `{key}` is reserved by Prometheus", "give it another `label`")
        if shown in labels and labels[shown] != key:
            problem = f"`{labels[shown]}` and `{key}` have the same Prometheus label, `{shown}`"
            yield Fault(path, problem, "give one of them a `label`")
        labels[shown] = key


def _names(own: Mapping[str, Any], merged: Mapping[str, Any]) -> Iterator[Fault]:
    taken = dict.fromkeys(prometheus.OWN_SERIES, "reserved by Prometheus")
    spelt: dict[str, str] = {}
    mine = _mapping(own.get("metrics"))
    metrics = _mapping(merged.get("metrics"))
    # Inherited entries come first, so that the fault is reported for the file's own entry.
    for name in sorted(metrics, key=lambda name: name in mine):
        rule = metrics[name]
        if not isinstance(rule, dict) or not isinstance(rule.get("type"), str):
            continue
        other = spelt.setdefault(str(name).lower(), str(name))
        if other != name:
            problem = f"OpenTelemetry treats it as `{other}`: names are case-insensitive"
            yield Fault(("metrics", str(name)), problem, "another name")
            continue
        entries = [(str(name), rule["type"], str(rule.get("unit", ""))), *_COLLECTOR_DERIVED.get(str(name), ())]
        for entry, kind, unit in entries:
            owner = entry if entry == name else f"{entry}, derived from {name}"
            for shown in prometheus.series(entry, kind, unit):
                holder = taken.setdefault(shown, owner)
                if holder != owner:
                    what = (
                        f"which `{holder}` has too"
                        if shown not in prometheus.OWN_SERIES
                        else "a name of its own series"
                    )
                    problem = f"Prometheus shows it as `{shown}`, {what}"
                    yield Fault(("metrics", str(name)), problem, "another name")
                    break


def _messages(own: Mapping[str, Any]) -> Iterator[Fault]:
    for place, message in enumerate(_sequence(own.get("messages"))):
        if not isinstance(message, str):
            continue
        path: Path = ("messages", place)
        literal = _literal(message)
        if literal is None:
            yield Fault(path, "an unmatched brace", "write {name} for a placeholder, {{ and }} for literal braces")
        elif not re.search(r"\w", literal):
            yield Fault(path, "contains no literal word, so it would match any text", "add at least one word")


def is_message(text: str) -> bool:
    """Return whether the text is valid as a message in a policy."""
    literal = _literal(text)
    return literal is not None and re.search(r"\w", literal) is not None and 3 <= len(text) <= 1024  # noqa: PLR2004


def _literal(message: str) -> str | None:
    """Return the text between a message's placeholders, or None if its braces don't match."""
    try:
        return "".join(part[0] for part in string.Formatter().parse(message))
    except ValueError:
        return None


def _hosts(own: Mapping[str, Any]) -> Iterator[Fault]:
    listed: list[tuple[Path, Any]] = [
        (("hosts", place), host) for place, host in enumerate(_sequence(own.get("hosts")))
    ]
    for key, rule in _mapping(own.get("baggage")).items():
        hosts = enumerate(_sequence(_mapping(rule).get("hosts")))
        listed += [(("baggage", str(key), "hosts", place), host) for place, host in hosts]
    for path, host in listed:
        if isinstance(host, str) and not _is_host(host):
            yield Fault(
                path,
                f"`{host[:64]}` isn't a host",
                "write only a name, such as api.example.com: no scheme, port or path",
            )


def _is_host(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return len(host) <= 253 and _HOST.fullmatch(host) is not None  # noqa: PLR2004
    return True


def _baggage(own: Mapping[str, Any]) -> Iterator[Fault]:
    for key, rule in _mapping(own.get("baggage")).items():
        kind = _mapping(rule).get("kind")
        if isinstance(kind, str) and kind in KIND_TYPES and KIND_TYPES[kind].needs_process:
            problem = f"a value of kind `{kind}` can't be proven in baggage, so none would be sent"
            yield Fault(("baggage", str(key), "kind"), problem, "use a kind that the value alone proves")


def _sentry(own: Mapping[str, Any]) -> Iterator[Fault]:
    for key in _SENTRY_OWN_TAGS.intersection(_mapping(own.get("tags"))):
        yield Fault(("sentry", "tags", key), "Sentry sets this tag itself and removes any other", "another name")
    if "trace" in _mapping(own.get("contexts")):
        yield Fault(("sentry", "contexts", "trace"), "the link to the trace takes its place", "another name")


def _own_attributes(own: Mapping[str, Any], default: Mapping[str, Any]) -> Iterator[Fault]:
    attributes = _mapping(own.get("attributes"))
    for key, rule in _mapping(default.get("attributes")).items():
        if key.startswith("pazpaz_otel.") and attributes.get(key, rule) != rule:
            yield Fault(("attributes", key), "the distribution sends this attribute, of another kind", f"`{rule}`")


def _mapping(value: Any) -> dict[Any, Any]:
    return value if isinstance(value, dict) else {}


def _sequence(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
