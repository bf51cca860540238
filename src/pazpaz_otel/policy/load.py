"""From a policy file to a `Policy`: reading, extending, checking what a schema can't say."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

from pazpaz_otel.errors import PolicyError
from pazpaz_otel.policy.document import Document
from pazpaz_otel.policy.kinds import make_kind
from pazpaz_otel.policy.model import AttributeRule, BaggageRule, Kind, MetricRule, Policy, SentryRules, frozen

DEFAULT_NAME = "default.yaml"
_MERGED = ("attributes", "metrics", "baggage")
_JOINED = ("hosts", "messages", "previous_digests")


def load_policy(path: str | Path | None = None) -> Policy:
    """Reads a policy.

    Args:
        path: a YAML file; `None` for the policy that the package ships.

    Raises:
        PolicyError: the file is missing or can't be used; the message gives file, line, problem and cure.
    """
    if path is None:
        return _default()
    file = Path(path)
    try:
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise PolicyError("there is no such file", file=str(path), cure="set PAZPAZ_OTEL_POLICY") from None
    except (OSError, UnicodeError) as error:
        raise PolicyError(
            f"the file can't be read ({type(error).__name__})", file=str(path), cure="a readable UTF-8 file"
        ) from None
    return build(Document(text, str(path)))


def build(document: Document) -> Policy:
    """A policy from a document, with what it extends.

    Raises:
        PolicyError: a rule contradicts another.
    """
    data = document.data
    if data.get("extends") == "default":
        data = _extend(_default_document().data, data)
    attributes = {key: _attribute(key, rule, document) for key, rule in data.get("attributes", {}).items()}
    metrics = {name: _metric(name, rule, attributes, document) for name, rule in data.get("metrics", {}).items()}
    sentry = data.get("sentry", {})
    canonical = json.dumps(
        {key: value for key, value in data.items() if key not in {"extends", "previous_digests"}}, sort_keys=True
    )
    return Policy(
        version=data["version"],
        attributes=cast("dict[str, AttributeRule]", frozen(attributes)),
        metrics=cast("dict[str, MetricRule]", frozen(metrics)),
        hosts=frozenset(host.lower() for host in data.get("hosts", ())),
        messages=tuple(data.get("messages", ())),
        sql_identifiers=frozenset(data.get("sql", {}).get("identifiers", ())),
        baggage={
            key: BaggageRule(key, _kind(rule["kind"], document, ("baggage", key)), tuple(rule["hosts"]))
            for key, rule in data.get("baggage", {}).items()
        },
        sentry=SentryRules(
            tags={key: _kind(rule, document, ("sentry", "tags", key)) for key, rule in sentry.get("tags", {}).items()},
            contexts={
                name: {key: _kind(rule, document, ("sentry", "contexts", name, key)) for key, rule in context.items()}
                for name, context in sentry.get("contexts", {}).items()
            },
            ignore_errors=tuple(sentry.get("ignore_errors", ())),
            items=tuple(sentry.get("items", ("event",))),
        ),
        digest=hashlib.sha256(canonical.encode()).hexdigest()[:16],
        previous_digests=tuple(data.get("previous_digests", ())),
    )


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


def _kind(rule: Any, document: Document, path: tuple[str, ...]) -> Kind:
    if isinstance(rule, str):
        return make_kind(rule)
    if "enum" in rule:
        return make_kind("enum", values=tuple(rule["enum"]))
    if "number" in rule:
        low, high = rule["number"]
        if low > high:
            raise PolicyError(
                f"{'.'.join(path)}: the least number is greater than the greatest",
                file=document.file,
                line=document.line(path),
                cure=f"number: [{high}, {low}]",
            )
        return make_kind("number", minimum=low, maximum=high)
    return make_kind(rule["kind"])


def _attribute(key: str, rule: Any, document: Document) -> AttributeRule:
    label = None if isinstance(rule, str) else rule.get("label")
    return AttributeRule(key, _kind(rule, document, ("attributes", key)), label)


def _metric(name: str, rule: dict[str, Any], attributes: dict[str, AttributeRule], document: Document) -> MetricRule:
    path = ("metrics", name)

    def refuse(problem: str, cure: str) -> PolicyError:
        return PolicyError(f"metrics.{name}: {problem}", file=document.file, line=document.line(path), cure=cure)

    keys = tuple(rule.get("attributes", ()))
    for key in keys:
        if key not in attributes:
            raise refuse(f"the attribute `{key}` isn't declared", f"add `{key}` with its kind under `attributes`")
    labels = [attributes[key].prometheus_label for key in keys]
    if len(labels) != len(set(labels)):
        raise refuse("two attributes have the same Prometheus label", "give one of them a `label`")
    buckets = tuple(float(bound) for bound in rule.get("buckets", ()))
    if buckets and rule["type"] != "histogram":
        raise refuse("only a histogram has buckets", "type: histogram")
    if list(buckets) != sorted(set(buckets)):
        raise refuse("bucket boundaries have to increase", f"buckets: {sorted(set(buckets))}")
    low, high = rule.get("range", (None, None))
    return MetricRule(
        name=name,
        type=rule["type"],
        unit=rule.get("unit", ""),
        description=rule.get("description", ""),
        attributes=keys,
        limit=rule.get("limit", 2000),
        buckets=buckets,
        minimum=low,
        maximum=high,
        undeclared=rule.get("undeclared", "overflow"),
        source=rule.get("source", "opentelemetry"),
    )


@lru_cache(maxsize=1)
def _default_document() -> Document:
    text = files("pazpaz_otel.policy").joinpath(DEFAULT_NAME).read_text(encoding="utf-8")
    return Document(text, DEFAULT_NAME, shipped=True)


@lru_cache(maxsize=1)
def _default() -> Policy:
    return build(_default_document())
