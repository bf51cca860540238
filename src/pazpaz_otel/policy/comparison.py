"""The differences between two policies: what the new one lets out that the old one didn't, and the reverse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from pazpaz_otel.policy.kinds import bounds, describe, text_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from pazpaz_otel.policy.model import Kind, MetricRule, Policy

Effect = Literal["more", "less", "same"]

# For each kind, other kinds to which all its values also belong.
_WIDER_KINDS: Final = {
    "method": {"text"},
    "host": {"url_origin"},
    "module": {"class"},
    "status_code": {"error_type"},
    "config": {"environment", "instance", "version"},
    "db_identifier": {"sql"},
}


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two policies.

    Attributes:
        effect: whether the new policy lets more or less out here, or the same in another form.
        where: the path of the entry, such as `attributes.clinic.room`.
        what: the change in words.
    """

    effect: Effect
    where: str
    what: str


def compare(old: Policy, new: Policy) -> Iterator[Change]:
    """Yield every difference between two policies, including what they extend."""
    before = {key: rule.kind for key, rule in old.attributes.items()}
    yield from _kinds("attributes", before, {key: rule.kind for key, rule in new.attributes.items()})
    for key in sorted(old.attributes.keys() & new.attributes.keys()):
        one, other = old.attributes[key].prometheus_label, new.attributes[key].prometheus_label
        if one != other:
            yield Change("same", f"attributes.{key}", f"its Prometheus label is `{other}`, it was `{one}`")
    yield from _metrics(old.metrics, new.metrics)
    if old.undeclared_metrics != new.undeclared_metrics:
        kept = new.undeclared_metrics == "keep"
        said = "undeclared metrics leave" if kept else "undeclared metrics no longer leave"
        yield Change("more" if kept else "less", "undeclared_metrics", said)
    yield from _listed("hosts", old.hosts, new.hosts, "its name may leave")
    yield from _listed("messages", old.messages, new.messages, "texts that match it leave")
    yield from _listed("sql.identifiers", old.sql_identifiers, new.sql_identifiers, "stays in statements")
    yield from _baggage(old, new)
    yield from _kinds("sentry.tags", old.sentry.tags, new.sentry.tags)
    for name in sorted({*old.sentry.contexts, *new.sentry.contexts}):
        contexts = (policy.sentry.contexts.get(name, {}) for policy in (old, new))
        yield from _kinds(f"sentry.contexts.{name}", *contexts)
    yield from _listed("sentry.items", old.sentry.items, new.sentry.items, "is sent")
    for name in sorted({*old.sentry.ignore_errors} ^ {*new.sentry.ignore_errors}):
        ignored = name in new.sentry.ignore_errors
        said = "errors of this class are no longer sent" if ignored else "errors of this class are sent"
        yield Change("less" if ignored else "more", f"sentry.ignore_errors.{name}", said)


def _kinds(section: str, old: Mapping[str, Kind], new: Mapping[str, Kind]) -> Iterator[Change]:
    for key in sorted({*old, *new}):
        where = f"{section}.{key}"
        if key not in old:
            yield Change("more", where, f"a new key: its value {describe(new[key])}")
        elif key not in new:
            yield Change("less", where, "no longer leaves")
        elif old[key] != new[key]:
            yield Change(_effect(old[key], new[key]), where, f"is {text_of(new[key])}, was {text_of(old[key])}")


def _effect(old: Kind, new: Kind) -> Effect:
    """Return whether the new kind lets more out; unrelated kinds count as more."""
    if old.name == new.name == "enum":
        return "less" if {*new.values} < {*old.values} else "same" if {*new.values} == {*old.values} else "more"
    inner, outer = bounds(new), bounds(old)
    if inner is not None and outer is not None:
        return "less" if outer[0] <= inner[0] and inner[1] <= outer[1] else "more"
    return "less" if old.name in _WIDER_KINDS.get(new.name, ()) else "more"


def _metrics(old: Mapping[str, MetricRule], new: Mapping[str, MetricRule]) -> Iterator[Change]:
    for name in sorted({*old, *new}):
        where = f"metrics.{name}"
        if name not in old:
            attributes = ", ".join(new[name].attributes) or "no attributes"
            yield Change("more", where, f"a new {new[name].type}, by {attributes}")
        elif name not in new:
            yield Change("less", where, "no longer leaves")
        else:
            yield from _metric(where, old[name], new[name])


def _metric(where: str, old: MetricRule, new: MetricRule) -> Iterator[Change]:
    yield from _listed(f"{where}.attributes", old.attributes, new.attributes, "splits the series")
    one, other = _range(old), _range(new)
    if one != other:
        wider = other is None or (one is not None and (other[0] < one[0] or other[1] > one[1]))
        yield Change("more" if wider else "less", where, f"takes values of {_shown(other)}, took {_shown(one)}")
    if old.limit != new.limit:
        effect: Effect = "more" if new.limit > old.limit else "less"
        yield Change(effect, where, f"has at most {new.limit} series, had {old.limit}")
    for name in ("type", "unit", "description", "buckets", "undeclared", "source"):
        if getattr(old, name) != getattr(new, name):
            yield Change("same", where, f"its {name} is `{getattr(new, name)}`, was `{getattr(old, name)}`")


def _range(rule: MetricRule) -> tuple[float, float] | None:
    return None if rule.minimum is None or rule.maximum is None else (rule.minimum, rule.maximum)


def _shown(limits: tuple[float, float] | None) -> str:
    return "the default range" if limits is None else f"{limits[0]:.15g} to {limits[1]:.15g}"


def _baggage(old: Policy, new: Policy) -> Iterator[Change]:
    kinds = ({key: rule.kind for key, rule in policy.baggage.items()} for policy in (old, new))
    yield from _kinds("baggage", *kinds)
    for key in sorted(old.baggage.keys() & new.baggage.keys()):
        yield from _listed(f"baggage.{key}.hosts", old.baggage[key].hosts, new.baggage[key].hosts, "receives it")


def _listed(section: str, old: Collection[str], new: Collection[str], said: str) -> Iterator[Change]:
    for name in sorted({*old} ^ {*new}):
        added = name in new
        yield Change("more" if added else "less", f"{section}.{name}", said if added else f"no longer: {said}")
