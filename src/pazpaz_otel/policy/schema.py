"""The published JSON Schema of a policy, and a validator that reports every fault, not only the first.

The validator implements the part of JSON Schema that `schema.json` uses; a general one would add four megabytes.
"""

from __future__ import annotations

import json
import math
import re
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.policy.fault import Fault, did_you_mean
from pazpaz_otel.policy.kinds import KIND_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pazpaz_otel.policy.document import Document
    from pazpaz_otel.policy.fault import Path


_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
}
_NAMES: Final = {
    "object": ("a mapping", "{a: b}"),
    "array": ("a list", "[a, b]"),
    "string": ("a text", '"a"'),
    "integer": ("a whole number", "1"),
    "number": ("a number", "0.5"),
}
_KIND_FORMS: Final = "a kind's name, {enum: [a, b]} or {number: [minimum, maximum]}"
_WITH_ARGUMENTS: Final = {"enum": "{enum: [a, b]}", "number": "{number: [minimum, maximum]}"}
_ALIASES: Final = {
    "string": "text", "str": "text", "int": "number", "integer": "number", "float": "number", "boolean": "bool",
    "guid": "uuid", "id": "uuid", "url": "url_origin", "path": "url_path", "hostname": "host", "name": "config",
}  # fmt: skip


@lru_cache(maxsize=1)
def schema() -> dict[str, Any]:
    """Return the schema, with the names of all kinds filled in."""
    text = files("pazpaz_otel.policy").joinpath("schema.json").read_text(encoding="utf-8")
    read: dict[str, Any] = json.loads(text)
    read["$defs"]["kind_name"]["enum"] = list(KIND_NAMES)
    return read


def faults(document: Document) -> list[Fault]:
    """Return every place where the document doesn't fit the schema."""
    return list(_Checker(document).check(document.data, schema(), ()))


class _Checker:
    def __init__(self, document: Document) -> None:
        self._document = document
        self._defs = schema()["$defs"]

    def check(self, value: Any, rule: dict[str, Any], path: Path) -> Iterator[Fault]:
        if "$ref" in rule:
            name = rule["$ref"].rpartition("/")[2]
            if name in {"kind", "attribute"}:
                yield from self._kind(value, path, labelled=name == "attribute")
                return
            rule = self._defs[name]
        if "const" in rule and (value != rule["const"] or isinstance(value, bool)):
            shown = f"the text {self._shown(value, path)}" if isinstance(value, str) else self._shown(value, path)
            yield Fault(path, f"is {shown}, not {rule['const']}", f"{path[-1]}: {rule['const']}")
        elif "enum" in rule and value not in rule["enum"]:
            yield self._choice(value, rule["enum"], path)
        elif "type" in rule:
            yield from self._typed(value, rule, path)

    def _typed(self, value: Any, rule: dict[str, Any], path: Path) -> Iterator[Fault]:
        wanted: str = rule["type"]
        fits: bool = isinstance(value, _TYPES[wanted]) and not isinstance(value, bool)
        if not fits:
            yield self._wrong_type(value, wanted, path)
        elif wanted == "object":
            yield from self._object(value, rule, path)
        elif wanted == "array":
            yield from self._array(value, rule, path)
        elif wanted == "string":
            yield from self._text(value, rule, path)
        else:
            yield from self._number(value, rule, path)

    def _object(self, value: dict[Any, Any], rule: dict[str, Any], path: Path) -> Iterator[Fault]:
        known, others = rule.get("properties", {}), rule.get("additionalProperties", True)
        for name in rule.get("required", ()):
            if name not in value:
                example = "1" if name == "version" else "…"
                yield Fault(path, f"`{name}` is missing", f"add `{name}: {example}`")
        for key, member in value.items():
            inner = (*path, key if isinstance(key, str) else self._document.raw_key(path, key))
            if not isinstance(key, str):
                yield Fault(inner, f"YAML parses the key as {_plain(key)}", f'quote it: "{inner[-1]}"')
            elif key in known:
                yield from self.check(member, known[key], inner)
            elif others is False:
                yield Fault(inner, "there is no such entry here", _one_of(known, key))
            else:
                name = self._resolved(rule.get("propertyNames", {}))
                if not re.search(name.get("pattern", ""), key):
                    yield Fault(inner, "can't be a name here", str(name.get("description")))
                if isinstance(others, dict):
                    yield from self.check(member, others, inner)

    def _array(self, value: list[Any], rule: dict[str, Any], path: Path) -> Iterator[Fault]:
        least, most = rule.get("minItems", 0), rule.get("maxItems", 10_000)
        if not least <= len(value) <= most:
            wanted = f"{least} members" if least == most else f"{least} to {most} members"
            yield Fault(path, f"has {len(value)} members", f"a list of {wanted}")
            return
        rules = [*rule.get("prefixItems", ()), *[rule.get("items", {})] * len(value)]
        for place, member in enumerate(value):
            yield from self.check(member, rules[place], (*path, place))
            # By type as well: YAML's `on` is True, which equals 1.
            if rule.get("uniqueItems") and any(type(one) is type(member) and one == member for one in value[:place]):
                yield Fault((*path, place), f"{self._shown(member, (*path, place))} occurs twice", "remove one of them")

    def _text(self, value: str, rule: dict[str, Any], path: Path) -> Iterator[Fault]:
        if not rule.get("minLength", 0) <= len(value) <= rule.get("maxLength", 10_000):
            hint = f"a text of {rule.get('minLength', 0)} to {rule.get('maxLength', 10_000)} characters"
            yield Fault(path, f"has {len(value)} characters", hint)
        elif "pattern" in rule and not re.search(rule["pattern"], value):
            hint = rule.get("description") or f"what matches {rule['pattern']}"
            yield Fault(path, f"{self._shown(value, path)} isn't allowed here", hint)

    def _number(self, value: float, rule: dict[str, Any], path: Path) -> Iterator[Fault]:
        low, high = rule.get("minimum", -math.inf), rule.get("maximum", math.inf)
        if not math.isfinite(value) or not low <= value <= high:
            hint = f"a number from {low} to {high}" if math.isfinite(high) else "a finite number"
            yield Fault(path, f"is {self._shown(value, path)}", hint)

    def _kind(self, value: Any, path: Path, *, labelled: bool) -> Iterator[Fault]:
        if not isinstance(value, dict):
            if value not in KIND_NAMES:
                yield self._no_kind(value, path)
            return
        forms = [name for name in ("enum", "number", "kind") if name in value and (name != "kind" or labelled)]
        if len(forms) != 1:
            yield Fault(path, "isn't a kind", _KIND_FORMS)
            return
        rule = self._defs["kind_name"] if forms[0] == "kind" else self._defs[forms[0]]
        known = {forms[0]: rule, **({"label": self._defs["label"]} if labelled else {})}
        if forms[0] == "kind" and value["kind"] not in KIND_NAMES:
            yield self._no_kind(value["kind"], (*path, "kind"))
            known["kind"] = {}
        yield from self._object(value, {"properties": known, "additionalProperties": False}, path)

    def _no_kind(self, value: Any, path: Path) -> Fault:
        hint = _WITH_ARGUMENTS.get(str(value)) or _WITH_ARGUMENTS.get(_ALIASES.get(str(value).lower(), ""))
        if hint is None:
            name = str(value).lower()
            hint = f"{_meant(KIND_NAMES, _ALIASES.get(name, name))}{_KIND_FORMS}; the kinds: {', '.join(KIND_NAMES)}"
        return Fault(path, f"{self._shown(value, path)} isn't a kind", hint)

    def _choice(self, value: Any, choices: list[Any], path: Path) -> Fault:
        hint = _one_of(map(str, choices), str(value))
        return Fault(path, f"{self._shown(value, path)} isn't allowed here", hint)

    def _wrong_type(self, value: Any, wanted: str, path: Path) -> Fault:
        raw = self._document.raw(path)
        if wanted == "string" and raw is not None and not isinstance(value, str):
            return Fault(path, f"YAML parses {raw} as {_plain(value)}, not as text", f'quote it: "{raw}"')
        name, example = _NAMES[wanted]
        return Fault(path, f"is {self._shown(value, path)}, not {name}", f"such as {example}")

    def _resolved(self, rule: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = self._defs[rule["$ref"].rpartition("/")[2]] if "$ref" in rule else rule
        return found

    def _shown(self, value: Any, path: Path) -> str:
        """Return the value's original text, truncated."""
        if isinstance(value, dict):
            return "a mapping"
        if isinstance(value, list):
            return "a list"
        if value is None:
            return "empty"
        return f"`{str(self._document.raw(path) or value)[:64]}`"


def _one_of(known: Iterable[str], value: str) -> str:
    known = list(known)
    return f"{_meant(known, value)}one of: {', '.join(known)}"


def _meant(known: Sequence[str], value: str) -> str:
    meant = did_you_mean(value, known)
    return f"{meant} " if meant else ""


def _plain(value: Any) -> str:
    return "nothing" if value is None else str(value).lower()
