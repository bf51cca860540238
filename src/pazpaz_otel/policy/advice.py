"""What a policy may say, and its author should look at again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.policy.fault import Fault
from pazpaz_otel.policy.rules import kinds_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pazpaz_otel.policy.document import Document

_PERSONAL: Final = frozenset(
    """
    client patient person people member customer guest child parent mother father guardian spouse relative contact
    name firstname lastname surname fullname nickname initials email mail phone telephone mobile fax address street
    city zip postcode postal birth birthday dob age gender sex ssn passport identity national insurance
    policyholder beneficiary diagnosis symptom treatment medication prescription allergy disease condition icd note
    notes chart mrn therapy session_note message comment subject title description ip latitude longitude
    """.split()
)
_HARMLESS: Final = frozenset(
    {"service", "host", "server", "k8s", "db", "container", "cloud", "deployment", "telemetry", "http", "net",
     "network", "url", "code", "thread", "process", "os", "faas", "messaging", "rpc", "aws", "gcp",
     "azure", "otel", "sentry"}
)  # fmt: skip
_EIGHT_DIGITS: Final = re.compile(r"[0-9]{8}")
_GREATEST: Final = 9_999_999


def advice(document: Document) -> Iterator[Fault]:
    """Yield what is probably a mistake in a policy that can be used."""
    own = document.data
    if "extends" not in own:
        problem = "the file extends nothing: what the standard instrumentations emit is dropped"
        yield Fault((), problem, "add `extends: default`, unless that is meant")
    for path, rule in kinds_of(own):
        yield from _of_kind(path, rule)


def is_personal(key: str) -> bool:
    """Return whether a key reads as if it held something of a person."""
    words = re.split(r"[^a-z0-9]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", key).lower())
    if words[0] in _HARMLESS:
        return False
    return any(word in _PERSONAL or word.rstrip("s") in _PERSONAL for word in words)


def _of_kind(path: tuple[str | int, ...], rule: Any) -> Iterator[Fault]:
    key = str(path[-2] if path[-1] == "kind" else path[-1])
    form = rule if isinstance(rule, str) else rule.get("kind", "") if isinstance(rule, dict) else ""
    if form in {"uuid", "event_id", "trace_id", "span_id"} and is_personal(key):
        problem = f"`{key}` reads like a person's, and a person's identifier is patient data: with `{form}` it leaves"
        yield Fault(path, problem, "give this kind to accounts and practices, never to patients; else remove the key")
    if isinstance(rule, dict):
        high = (rule.get("number") or [0, 0])[-1]
        if isinstance(high, (int, float)) and high > _GREATEST:
            yield Fault(
                path, f"{high:.15g} has eight digits or more: such numbers can identify a person", "a smaller bound"
            )
        if any(_EIGHT_DIGITS.search(str(member)) for member in rule.get("enum") or ()):
            yield Fault(
                path, "a member with eight digits or more: such numbers can identify a person", "a word instead"
            )
