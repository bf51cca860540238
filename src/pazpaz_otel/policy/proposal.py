"""Propose a policy from what a process dropped: keys with guessed kinds, metrics, hosts, messages.

Reads the file that `PAZPAZ_OTEL_EXPLAIN` names; docs/policy.md describes its format. The file holds no values, so each
kind is guessed from the key's name and the value's type; the author fills in what can't be guessed.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from pazpaz_otel.policy.advice import is_personal
from pazpaz_otel.policy.rules import is_message
from pazpaz_otel.policy.schema import schema
from pazpaz_otel.policy.vocabulary import known_kind, refused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pazpaz_otel.policy.model import Policy

Section = Literal["attributes", "metrics", "hosts", "messages", "sql.identifiers", "sentry.tags"]
_LIST_SECTIONS: Final = frozenset({"hosts", "messages", "sql.identifiers"})

_KIND_BY_NAME: Final = (
    (r"(?:^|[._])(?:status_code|http_status)$", "status_code"),
    (r"(?:^|[._])port$", "port"),
    (r"(?:^|[._])(?:id|uuid|guid)$|(?<=[a-z])Id$", "uuid"),
    (r"(?:^|[._])(?:is|has|can|was)[._]|(?:enabled|disabled|allowed|hit|cached|retried|success)$", "bool"),
    (r"(?:_ms|_millis|milliseconds)$", "{number: [0, 9999999]}"),
    (r"(?:duration|elapsed|seconds|timeout|_s)$", "duration"),
    (r"(?:count|size|length|total|attempts?|number|index|retries|limit|offset|rows|bytes|page|depth)$",
     "{number: [0, 1000000]}"),
    (r"(?:^|[._])method$", "method"),
    (r"(?:^|[._])(?:host|hostname|domain)$", "host"),
    (r"(?:^|[._])(?:route|endpoint)$", "route"),
    (r"(?:^|[._])version$", "version"),
    (r"(?:^|[._])(?:env|environment)$", "environment"),
    (r"(?:^|[._])(?:error|exception)(?:[._]type|[._]class)?$", "error_type"),
    (r"(?:^|[._])(?:module|logger)$", "module"),
    (r"(?:^|[._])(?:function|handler|job|task)(?:[._]name)?$", "function"),
    (r"(?:^|[._])(?:table|collection|column)$", "db_identifier"),
)  # fmt: skip
_KIND_BY_TYPE: Final = {"bool": "bool", "int": "{number: [0, 1000000]}", "float": "{number: [0, 1000000]}"}
_INSTRUMENTS: Final = frozenset(schema()["$defs"]["metric"]["properties"]["type"]["enum"])
_UNIT: Final = re.compile(schema()["$defs"]["metric"]["properties"]["unit"]["pattern"])
_KEY: Final = re.compile(schema()["$defs"]["key"]["pattern"])
_METRIC: Final = re.compile(schema()["properties"]["metrics"]["propertyNames"]["pattern"])
_HOST: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,252}")
_WORD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")
_MAX_NAME_LENGTH: Final = 1024
_MAX_PLACES: Final = 10


@dataclass(frozen=True, slots=True)
class Entry:
    """One proposed entry.

    Attributes:
        section: the section of the policy.
        name: the key, metric, host or message.
        rule: the rule in policy syntax; empty if the author has to write it.
        count: how many dropped items asked for it.
        places: up to three places in the program that wrote the item.
        warning: why the entry needs thought before it is accepted.
    """

    section: Section
    name: str
    rule: str
    count: int
    places: tuple[str, ...]
    warning: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Entries that would let dropped items through, and counts of the items that no entry can let through."""

    entries: tuple[Entry, ...]
    others: dict[str, int]
    """How many items no entry can let through, by reason, such as a text that the source doesn't prove."""
    places: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Up to ten places in the program for each of these reasons."""
    changes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Up to ten changes, of code or configuration, that the file names for each of these reasons."""

    @property
    def text(self) -> str:
        """The proposal as a policy file, with comments where the author has to decide."""
        lines = ["# Proposed from what was dropped; review each line before you accept it.", "version: 1"]
        lines.append("extends: default")
        for section in get_args(Section):
            entries = [entry for entry in self.entries if entry.section == section]
            if entries:
                outer, _, inner = section.rpartition(".")
                lines += ["", *([f"{outer}:"] if outer else [])]
                indent = "  " if outer else ""
                lines += [f"{indent}{inner}:"]
                lines += [f"{indent}{line}" for entry in entries for line in _lines(entry)]
        for reason, count in sorted(self.others.items()):
            changes = "; or ".join(self.changes.get(reason, ()))
            cure = f"to let it out: {changes}" if changes else "no policy entry can allow it; change the code"
            places = ", ".join(self.places.get(reason, ()))
            times = "1 time" if count == 1 else f"{count} times"
            lines.append(f"# {times} {reason}: {cure}" + (f", at {places}" if places else ""))
        return "\n".join(lines)

    def as_dict(self) -> dict[str, Any]:
        """Return the proposal as data, for JSON output."""
        return {
            "entries": [asdict(entry) for entry in self.entries],
            **{name: getattr(self, name) for name in ("others", "places", "changes")},
        }


def propose(lines: Iterable[str], policy: Policy) -> Proposal:
    """Return the policy entries that would let dropped items through.

    Args:
        lines: lines of the file, each a JSON object.
        policy: the policy in force; what it already has isn't proposed again.
    """
    counts: Counter[tuple[Section, str]] = Counter()
    rules: dict[tuple[Section, str], str] = {}
    places: dict[tuple[Section, str], list[str]] = {}
    others: Counter[str] = Counter()
    told: dict[str, dict[str, dict[str, None]]] = {"at": {}, "change": {}}
    for line in lines:
        drop = _read(line)
        if drop is None:
            if line.strip():
                others["a line in an unknown format"] += 1
            continue
        found = _entry(drop, policy)
        if found is None:
            others[drop["reason"]] += 1
            for name, of_reasons in told.items():
                of_reason = of_reasons.setdefault(drop["reason"], {})
                if (text := _line(drop, name)) and len(of_reason) < _MAX_PLACES:
                    of_reason[text] = None
            continue
        section, rule = found
        key = section, str(drop["key"])
        counts[key] += 1
        rules[key] = rule
        seen = places.setdefault(key, [])
        if (place := _line(drop, "at")) and place not in seen and len(seen) < 3:  # noqa: PLR2004
            seen.append(place)
    entries = (
        Entry(section, name, rules[section, name], count, tuple(places[section, name]), warning(section, name))
        for (section, name), count in sorted(counts.items())
    )
    at, change = ({reason: tuple(texts) for reason, texts in told[name].items() if texts} for name in told)
    return Proposal(tuple(entries), dict(others), at, change)


def _line(drop: dict[str, Any], name: str) -> str:
    found = drop.get(name)
    return found[:200] if isinstance(found, str) and found.isprintable() else ""


def _read(line: str) -> dict[str, Any] | None:
    try:
        drop = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(drop, dict) or not isinstance(drop.get("surface"), str):
        return None
    reason = drop.get("reason")
    return drop if isinstance(reason, str) and re.fullmatch(r"[a-z_]{1,64}", reason) else None


def _entry(drop: dict[str, Any], policy: Policy) -> tuple[Section, str] | None:
    """Return the section and the rule of the entry that allows an item, or None if no entry can."""
    reason, name = drop["reason"], drop.get("key")
    if not isinstance(name, str) or not name or len(name) > _MAX_NAME_LENGTH or not name.isprintable():
        return None
    if drop["surface"] in {"sentry", "sql"} or reason == "undeclared":
        return _entry_of_section(drop, name, policy)
    if reason == "unlisted_key" and _KEY.fullmatch(name) and name not in policy.attributes:
        return "attributes", "config" if drop["surface"] == "resource" else _kind(name, drop.get("type"))
    if reason == "unknown_host" and _HOST.fullmatch(name) and not name.isdigit() and name.lower() not in policy.hosts:
        return "hosts", name
    if reason == "unproven_text" and name not in policy.messages and is_message(name):
        return "messages", name
    return None


def _entry_of_section(drop: dict[str, Any], name: str, policy: Policy) -> tuple[Section, str] | None:
    if drop["reason"] == "undeclared":
        is_new = _METRIC.fullmatch(name) is not None and name not in policy.metrics
        return ("metrics", _metric(drop)) if is_new and drop.get("instrument") in _INSTRUMENTS else None
    if drop["surface"] == "sql":
        is_new = _WORD.fullmatch(name) is not None and name not in policy.sql_identifiers
        return ("sql.identifiers", name) if is_new and drop["reason"] == "unproven_text" else None
    is_tag = drop.get("part") == "tags" and _KEY.fullmatch(name) is not None and name not in policy.sentry.tags
    return ("sentry.tags", _kind(name, drop.get("type"))) if is_tag else None


def _metric(drop: dict[str, Any]) -> str:
    unit, keys = drop.get("unit"), drop.get("attributes")
    parts = [f"type: {drop['instrument']}"]
    if isinstance(unit, str) and unit and _UNIT.fullmatch(unit):
        parts.append(f"unit: {json.dumps(unit)}")
    if isinstance(keys, list) and (named := [key for key in keys if isinstance(key, str) and _KEY.fullmatch(key)]):
        parts.append(f"attributes: [{', '.join(named)}]")
    return "{" + ", ".join(parts) + "}"


def _kind(key: str, type_name: object) -> str:
    known = known_kind(key)
    if known is not None:
        return known
    for pattern, kind in _KIND_BY_NAME:
        if re.search(pattern, key):
            return kind
    return _KIND_BY_TYPE.get(str(type_name), "")


def warning(section: Section, name: str) -> str:
    """Return why an entry needs thought before it is accepted, or an empty text."""
    if section == "attributes" and name in refused():
        return refused()[name]
    if section in {"attributes", "metrics", "sentry.tags"} and is_personal(name):
        return "looks like personal data, which may be patient data"
    return ""


def _lines(entry: Entry) -> list[str]:
    about = f"{entry.count}x" + "".join(f", {place}" for place in entry.places)
    if entry.section in _LIST_SECTIONS:
        return [f"  - {json.dumps(entry.name, ensure_ascii=False)}  # {about}"]
    rule = entry.rule or "{enum: [...]}"
    note = entry.warning or ("" if entry.rule else "which values?")
    mark = "" if entry.rule and not entry.warning else "# "
    return [f"  {mark}{entry.name}: {rule}  # {about}{f'; {note}' if note else ''}"]
