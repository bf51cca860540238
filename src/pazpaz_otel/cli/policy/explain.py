"""`pazpaz-otel policy explain KEY|FILE`: what happens to a key's values, or to all keys that a file declares."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pazpaz_otel.cli.output import add_policy, policy_file, show
from pazpaz_otel.policy import load_policy
from pazpaz_otel.policy.document import Document
from pazpaz_otel.policy.kinds import describe, text_of
from pazpaz_otel.policy.vocabulary import conventions, known_kind, places, refused

if TYPE_CHECKING:
    import argparse

    from pazpaz_otel.policy import Policy


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the action's arguments."""
    parser.add_argument("subject", metavar="KEY|FILE", help="an attribute's or metric's name, or a policy file")
    add_policy(parser)


def run(arguments: argparse.Namespace) -> int:
    """Explain the subject; return 1 if it is a key that doesn't leave."""
    subject = arguments.subject
    is_file = subject.endswith((".yaml", ".yml"))
    path = subject if is_file else policy_file(arguments)
    policy = load_policy(path)
    own = _document(path)
    keys = [key for section in ("attributes", "metrics") for key in own.data.get(section, {})] if is_file else [subject]
    entries = [_entry(key, policy, own) for key in keys]
    show(arguments, "\n\n".join(_text(entry) for entry in entries), entries if is_file else entries[0])
    return 0 if all(entry["leaves"] for entry in entries) else 1


def _document(path: str | Path | None) -> Document:
    if path is None:
        return Document(
            files("pazpaz_otel.policy").joinpath("default.yaml").read_text(encoding="utf-8"), "default.yaml"
        )
    return Document(Path(path).read_text(encoding="utf-8-sig"), str(path))


def _entry(key: str, policy: Policy, own: Document) -> dict[str, Any]:
    if key in policy.metrics:
        metric = policy.metrics[key]
        handling = f"leaves as a {metric.type}, with the attributes {', '.join(metric.attributes) or '(none)'}"
        handling += f", at most {metric.limit} series; the rest go to one overflow series"
        return {
            "key": key,
            "leaves": True,
            "kind": metric.type,
            "handling": handling,
            "defined": _where("metrics", key, own),
        }
    rule = policy.attributes.get(key)
    if rule is None:
        handling = "isn't in the policy: key and value are dropped and counted"
        return {"key": key, "leaves": False, "kind": None, "handling": handling, "defined": None, "help": _help(key)}
    return {
        "key": key,
        "leaves": True,
        "kind": text_of(rule.kind),
        "handling": describe(rule.kind),
        "label": rule.prometheus_label,
        "defined": _where("attributes", key, own),
    }


def _help(key: str) -> str:
    """Return what a project can do about a key that its policy doesn't have."""
    optional = known_kind(key)
    if optional is not None:
        return f"to let it through, add under `attributes` in your policy: {key}: {optional}"
    reason = refused().get(key)
    if reason is not None:
        return f"it is in the semantic conventions, but refused: {reason}"
    return "to let it through, give it a kind under `attributes` in your policy"


def _where(section: str, key: str, own: Document) -> str:
    if key in own.data.get(section, {}):
        return f"{own.file}:{own.line((section, key))}"
    place = places().get(key)
    document, steps = (conventions(), (place, key)) if place else (_document(None), (section, key))
    return f"{document.file}:{document.line(steps)}"


def _text(entry: dict[str, Any]) -> str:
    if not entry["leaves"]:
        return f"{entry['key']}\n  {entry['handling']}\n  {entry['help']}"
    lines = [entry["key"], f"  kind      {entry['kind']}", f"  handling  {entry['handling']}"]
    if "label" in entry:
        lines.append(f"  label     {entry['label']} (in Prometheus)")
    return "\n".join([*lines, f"  defined   {entry['defined']}"])
