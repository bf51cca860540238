"""What is made from the kinds: the tables of `docs/policy.md`, the published schema, conformance vectors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.compile.typescript import in_browser
from pazpaz_otel.policy import KIND_TYPES, load_policy
from pazpaz_otel.policy.schema import schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pazpaz_otel.policy import AttributeRule
    from pazpaz_otel.policy.kind_type import KindType, Scalar

_PAGE: Final = Path(__file__).parents[1] / "docs" / "policy.md"
_BEGIN: Final = "<!-- made by `make generate` from src/pazpaz_otel/policy/kinds/ -->"
_END: Final = "<!-- end -->"


def policy_page() -> str:
    """`docs/policy.md` with its tables of kinds made anew."""
    text = _PAGE.read_text(encoding="utf-8")
    before, begin, rest = text.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not begin or not end:
        raise ValueError("docs/policy.md has lost the marks between which its tables of kinds stand")
    return f"{before}{begin}\n{kind_tables()}\n{end}{after}"


def kind_tables() -> str:
    """Return the kinds in two tables: those that the value alone proves, and those that the running process proves."""
    kinds = sorted(KIND_TYPES.values(), key=lambda one: (one.parameter is None, one.name))
    return "\n".join(
        [
            "## Kinds that the value alone proves",
            "",
            "| kind | what belongs to it |",
            "|---|---|",
            *(f"| `{one.name}` | {one.belongs} |" for one in kinds if not one.needs_process),
            "",
            "## Kinds that only the running process proves",
            "",
            "| kind | what belongs to it | from a sender that the Collector doesn't trust | in the browser |",
            "|---|---|---|---|",
            *(
                f"| `{one.name}` | {one.belongs} | {'a closed list' if one.untrusted else 'dropped'} |"
                f" {'proven' if one.browser else 'dropped'} |"
                for one in kinds
                if one.needs_process
            ),
        ]
    )


def published_schema() -> str:
    """`schema.json`, for editors: what `pazpaz_otel.policy.schema` describes."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def vectors() -> str:
    """`tests/vectors/kinds.yaml`: what belongs and doesn't belong to each kind that the default policy gives a key."""
    keys: dict[str, AttributeRule] = {}
    for key, rule in load_policy().attributes.items():
        # The guards put a placeholder where an exception's message isn't proven.
        if key != "exception.message" and rule.fits("signal"):
            keys.setdefault(rule.kind.name, rule)
    rows = [
        json.dumps(row, ensure_ascii=False)
        for name, rule in sorted(keys.items())
        for row in _rows(KIND_TYPES[name], rule)
    ]
    head = "# The samples of src/pazpaz_otel/policy/kinds/; made by `make generate`, change them there.\n"
    return head + "surface: attribute\nvectors:\n" + "".join(f"  - {row}\n" for row in rows)


def _rows(kind_type: KindType, rule: AttributeRule) -> Iterator[dict[str, Any]]:
    if not kind_type.needs_process:
        for number, value in enumerate(kind_type.accepts):
            yield _row(f"kind-{kind_type.name}-{number}", rule, value, "keep")
    for number, value in enumerate(kind_type.refuses):
        yield _row(f"kind-{kind_type.name}-not-{number}", rule, value, "drop")


def _row(name: str, rule: AttributeRule, value: Scalar, expected: str) -> dict[str, Any]:
    expect = {"all": expected}
    if isinstance(value, bool):
        # Sentry's tags are text.
        expect["sentry"] = "skip"
    if (isinstance(value, float) and value.is_integer()) or (expected == "keep" and not in_browser(rule)):
        # JavaScript has one type of numbers, and browsers don't write every attribute.
        expect["typescript"] = "skip"
    return {"id": name, "key": rule.key, "input": value, "expect": expect}
