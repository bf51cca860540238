"""Warnings about a usable policy: entries that are probably mistakes."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.policy.fault import Fault
from pazpaz_otel.policy.rules import kinds_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pazpaz_otel.policy.document import Document

_PERSONAL_WORDS: Final = frozenset(
    """
    client patient person people member customer guest child parent mother father guardian spouse relative contact
    name firstname lastname surname fullname nickname initials email mail phone telephone mobile fax address street
    city zip postcode postal birth birthday dob age gender sex ssn passport identity national insurance
    policyholder beneficiary diagnosis symptom treatment medication prescription allergy disease condition icd note
    notes chart mrn therapy session_note message comment subject title description ip latitude longitude
    """.split()
)
_INFRASTRUCTURE_NAMESPACES: Final = frozenset(
    {"service", "host", "server", "k8s", "db", "container", "cloud", "deployment", "telemetry", "http", "net",
     "network", "url", "code", "thread", "process", "os", "faas", "messaging", "rpc", "aws", "gcp",
     "azure", "otel", "sentry"}
)  # fmt: skip
_EIGHT_DIGITS: Final = re.compile(r"[0-9]{8}")
_LARGEST_UNSUSPICIOUS: Final = 9_999_999


def advice(document: Document) -> Iterator[Fault]:
    """Yield a warning for each probable mistake in a policy, whatever other faults it has."""
    own = document.data
    if "extends" not in own:
        problem = "the policy doesn't extend `default`: all telemetry from the standard instrumentations is dropped"
        yield Fault((), problem, "add `extends: default`, unless that is intended")
    for path, rule in kinds_of(own):
        yield from _kind_warnings(path, rule)


def is_personal(key: str) -> bool:
    """Return whether the key's words suggest a value about a person."""
    words = re.split(r"[^a-z0-9]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", key).lower())
    if words[0] in _INFRASTRUCTURE_NAMESPACES:
        return False
    return any(word in _PERSONAL_WORDS or word.rstrip("s") in _PERSONAL_WORDS for word in words)


def _kind_warnings(path: tuple[str | int, ...], rule: Any) -> Iterator[Fault]:
    key = str(path[-2] if path[-1] == "kind" else path[-1])
    form = rule.get("kind") if isinstance(rule, dict) else rule
    if isinstance(form, str) and form in {"uuid", "event_id", "trace_id", "span_id"} and is_personal(key):
        problem = f"`{key}` looks like personal data, and a person's identifier is patient data: `{form}` lets it leave"
        yield Fault(path, problem, "use this kind for accounts and practices, never for patients; or remove the key")
    if isinstance(rule, dict):
        high = [0, *_members(rule, "number")][-1]
        if isinstance(high, (int, float)) and _LARGEST_UNSUSPICIOUS < high < math.inf:
            yield Fault(
                path, f"{high:.15g} has eight digits or more: such numbers can identify a person", "use a smaller bound"
            )
        if any(_EIGHT_DIGITS.search(str(member)) for member in _members(rule, "enum")):
            yield Fault(
                path, "a member with eight digits or more: such numbers can identify a person", "use a word instead"
            )


def _members(rule: dict[str, Any], name: str) -> list[Any]:
    members = rule.get(name)
    return members if isinstance(members, list) else []
