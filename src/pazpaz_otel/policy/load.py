"""Turn a policy file into a `Policy`: read it, extend it, check what a schema can't express."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

from pazpaz_otel.errors import PolicyError, PolicyFileError
from pazpaz_otel.policy import shipped, vocabulary
from pazpaz_otel.policy.fault import did_you_mean
from pazpaz_otel.policy.kinds import make_kind
from pazpaz_otel.policy.model import AttributeRule, BaggageRule, Kind, MetricRule, Policy, SentryRules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pazpaz_otel.policy.document import Document
    from pazpaz_otel.policy.model import Place

SHIPPED = shipped.NAMES
"""The names of the policies in the package."""
_MERGED = ("attributes", "metrics", "baggage")
_JOINED = ("hosts", "messages", "previous_digests")


def load_policy(path: str | Path | None = None) -> Policy:
    """Read a policy.

    Args:
        path: a YAML file, or the name of a policy in the package; `None` means `default`.

    Raises:
        PolicyError: the file is missing or can't be used; the message gives file, line, problem and hint.
    """
    if path is None or path in SHIPPED:
        return _built(str(path or "default"))
    file = Path(path)
    try:
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        meant = did_you_mean(str(path), SHIPPED)
        problem = f"there is no such file; {meant}" if meant else "there is no such file"
        hint = f"give the path of a policy file, or {' or '.join(SHIPPED)}"
        raise PolicyFileError(problem, file=str(path), hint=hint) from None
    except (OSError, UnicodeError) as error:
        raise PolicyFileError(
            f"the file can't be read ({type(error).__name__})", file=str(path), hint="use a readable UTF-8 file"
        ) from None
    from pazpaz_otel.policy.document import Document  # noqa: PLC0415 - the shipped policies need no parser

    return build(Document(text, str(path)))


def build(document: Document) -> Policy:
    """Return the policy of a document, including what it extends.

    Raises:
        PolicyError: the document has faults; the error lists all of them.
    """
    _refuse_faults(document)
    return _policy(document.data, document.data.get("attributes", {}))


def _policy(given: dict[str, Any], own: Mapping[str, Any]) -> Policy:
    data = _merged(given)
    attributes = {
        key: _attribute(key, rule, "anywhere" if key in own else vocabulary.places().get(key, "anywhere"))
        for key, rule in data.get("attributes", {}).items()
    }
    metrics = {name: _metric(name, rule) for name, rule in data.get("metrics", {}).items()}
    sentry = data.get("sentry", {})
    canonical = json.dumps(
        {key: value for key, value in data.items() if key not in {"extends", "previous_digests"}}, sort_keys=True
    )
    return Policy(
        version=data["version"],
        attributes=MappingProxyType(attributes),
        metrics=MappingProxyType(metrics),
        hosts=frozenset(host.lower() for host in data.get("hosts", ())),
        messages=tuple(data.get("messages", ())),
        sql_identifiers=frozenset(data.get("sql", {}).get("identifiers", ())),
        baggage={
            key: BaggageRule(key, _kind(rule["kind"]), tuple(rule["hosts"]))
            for key, rule in data.get("baggage", {}).items()
        },
        sentry=SentryRules(
            tags={key: _kind(rule) for key, rule in sentry.get("tags", {}).items()},
            contexts={
                name: {key: _kind(rule) for key, rule in context.items()}
                for name, context in sentry.get("contexts", {}).items()
            },
            ignore_errors=tuple(sentry.get("ignore_errors", ())),
            items=tuple(sentry.get("items", ("event",))),
        ),
        undeclared_metrics=data.get("undeclared_metrics", "keep"),
        digest=hashlib.sha256(canonical.encode()).hexdigest()[:16],
        previous_digests=tuple(data.get("previous_digests", ())),
    )


def _refuse_faults(document: Document) -> None:
    from pazpaz_otel.policy import rules, schema  # noqa: PLC0415 - not needed for the package's own files, which the tests check

    default = _shipped("default")
    found = [*document.repeated, *schema.faults(document)]
    try:
        merged = _merged(document.data) if not any(len(fault.path) <= 1 for fault in found) else document.data
        found += rules.faults(document.data, merged, default)
    except (TypeError, AttributeError):
        # An entry of another type, which the schema has named.
        if not found:
            raise
    if not found:
        return
    first, *others = (
        PolicyError(f"{fault.where}: {fault.problem}", file=document.file, line=line, hint=fault.hint)
        for line, fault in sorted(
            ((document.line(fault.path), fault) for fault in dict.fromkeys(found)), key=lambda pair: pair[0] or 0
        )
    )
    raise PolicyError(first.problem, file=first.file, line=first.line, hint=first.hint, others=others)


def _merged(data: dict[str, Any]) -> dict[str, Any]:
    extended = data.get("extends")
    return _extend(_merged(_shipped(extended)), data) if extended in SHIPPED else data


def _extend(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    merged = {**base, **own}
    for section in _MERGED:
        merged[section] = {**base.get(section, {}), **own.get(section, {})}
    for section in _JOINED:
        merged[section] = sorted({*base.get(section, ()), *own.get(section, ())})
    identifiers = {*base.get("sql", {}).get("identifiers", ()), *own.get("sql", {}).get("identifiers", ())}
    merged["sql"] = {"identifiers": sorted(identifiers)}
    sentry, more = base.get("sentry", {}), own.get("sentry", {})
    merged["sentry"] = {
        "tags": {**sentry.get("tags", {}), **more.get("tags", {})},
        "contexts": {**sentry.get("contexts", {}), **more.get("contexts", {})},
        "ignore_errors": sorted({*sentry.get("ignore_errors", ()), *more.get("ignore_errors", ())}),
        "items": more.get("items", sentry.get("items", ["event"])),
    }
    return merged


def _kind(rule: Any) -> Kind:
    if isinstance(rule, str):
        return make_kind(rule)
    if "enum" in rule:
        return make_kind("enum", values=tuple(rule["enum"]))
    if "number" in rule:
        low, high = rule["number"]
        return make_kind("number", minimum=low, maximum=high)
    return make_kind(rule["kind"])


def _attribute(key: str, rule: Any, place: str) -> AttributeRule:
    label = None if isinstance(rule, str) else rule.get("label")
    return AttributeRule(key, _kind(rule), label, cast("Place", place))


def _metric(name: str, rule: dict[str, Any]) -> MetricRule:
    low, high = rule.get("range", (None, None))
    return MetricRule(
        name=name,
        type=rule["type"],
        unit=rule.get("unit", ""),
        description=rule.get("description", ""),
        attributes=tuple(rule.get("attributes", ())),
        limit=rule.get("limit", 2000),
        buckets=tuple(float(bound) for bound in rule.get("buckets", ())),
        minimum=low,
        maximum=high,
        undeclared=rule.get("undeclared", "overflow"),
        source=rule.get("source", "opentelemetry"),
    )


@lru_cache(maxsize=len(SHIPPED))
def _shipped(name: str) -> dict[str, Any]:
    data = shipped.content(name)
    return {**data, "attributes": {**vocabulary.attributes(), **data["attributes"]}} if name == "default" else data


@lru_cache(maxsize=len(SHIPPED))
def _built(name: str) -> Policy:
    data = _shipped(name)
    return _policy(data, {} if name == "default" else data.get("attributes", {}))
