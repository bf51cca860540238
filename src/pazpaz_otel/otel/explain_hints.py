"""What would let a dropped item out: a policy entry or a change of code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pazpaz_otel.policy.fault import did_you_mean
from pazpaz_otel.policy.proposal import warning

if TYPE_CHECKING:
    from pazpaz_otel.policy import Policy
    from pazpaz_otel.redact.drops import Detail

_CODE: Final = {
    "unlisted_key": "a key that is a literal where it is set: then the policy's line stands here",
    "unproven_text": "a literal of the source, or one that the source composes",
    "too_long": "a shorter text",
    "too_many": "fewer of them",
    "out_of_range": "a value within the range that the policy gives the metric",
}
_WITHOUT_KEY: Final = {
    ("metric", "undeclared"): "a name that is a literal where it is made, or `metrics: {<name>: {type: …}}`",
    # What the operator configures stands in no source.
    ("resource", "unlisted_key"): "",
    ("sql", "unproven_text"): "a statement that is a literal, a declared model, or `sql: {identifiers: [<name>]}`",
}
_BY_KIND: Final = {
    "route": "a registered route, each word of its path in the source, or in the environment as `API_PREFIX`",
    "url_origin": "a URL with a host that leaves: hosts: [<host>], or the host of a URL in the environment",
    "url_path": "a path that one of the application's routes matches",
}
_TYPING_ERROR: Final = 0.9
_HOST: Final = "hosts: [<host>], or the host of a URL in the environment"


def hint(policy: Policy, surface: str, reason: str, key: str | None, detail: Detail) -> str:  # noqa: PLR0911 - a table of cases
    """Return the policy entry or change of code that would let an item out, or an empty text."""
    if reason == "unknown_host":
        return _HOST if key is None else f"hosts: [{key}]"
    if key is None:
        return _WITHOUT_KEY.get((surface, reason), _CODE.get(reason, ""))
    if surface == "sql":
        return f"sql: {{identifiers: [{key}]}}"
    if reason == "undeclared":
        return f"metrics: {{{key}: {{type: {detail.get('instrument', '<type>')}}}}}"
    if surface == "resource":
        return _configured(policy, key)
    rule = policy.attributes.get(key)
    if reason == "unlisted_key":
        return "" if warning("attributes", key) else _listed(key, detail, is_named=rule is not None)
    return _CODE.get(reason, "") if rule is None else _BY_KIND.get(rule.kind.name, f"a value of kind {rule.kind.name}")


def _listed(key: str, detail: Detail, *, is_named: bool) -> str:
    part, metric = detail.get("part"), detail.get("metric")
    if part is not None:
        section, _, context = part.partition(".")
        inner = f"{key}: <kind>"
        return f"sentry: {{{section}: {{{f'{context}: {{{inner}}}' if context else inner}}}}}"
    if metric is not None:
        line = f"metrics: {{{metric}: {{attributes: [{key}]}}}}"
        return line if is_named else f"attributes: {{{key}: <kind>}}, {line}"
    return f"attributes: {{{key}: <kind>}}"


def _configured(policy: Policy, key: str) -> str:
    if key == "service.name":
        return "set OTEL_SERVICE_NAME"
    if key in policy.attributes:
        return "set it in OTEL_RESOURCE_ATTRIBUTES"
    meant = did_you_mean(key, policy.attributes, _TYPING_ERROR)
    return (f"{meant} Otherwise " if meant else "") + f"attributes: {{{key}: config}}"
