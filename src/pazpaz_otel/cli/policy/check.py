"""`pazpaz-otel policy check FILE`: every fault in a policy, and every probable mistake."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pazpaz_otel.cli.output import show
from pazpaz_otel.errors import PolicyError, PolicyFileError

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the action's arguments."""
    from pazpaz_otel.policy.kinds import KIND_NAMES  # noqa: PLC0415 - imported on demand

    parser.add_argument("file", help="the policy file")
    parser.epilog = f"kinds: {', '.join(KIND_NAMES)}, {{enum: [a, b]}}, {{number: [minimum, maximum]}}"


def run(arguments: argparse.Namespace) -> int:
    """Check the file; return 1 if it has a fault."""
    from pazpaz_otel.policy import load_policy  # noqa: PLC0415 - imported on demand
    from pazpaz_otel.policy.advice import advice  # noqa: PLC0415
    from pazpaz_otel.policy.document import Document  # noqa: PLC0415

    try:
        policy = load_policy(arguments.file)
    except PolicyFileError:
        raise
    except PolicyError as error:
        faults = [_fault(one.line, one.problem, one.hint) for one in error.faults]
        lines = [one.line_of_text for one in error.faults]
        text = "\n".join([*lines, f"{arguments.file}: {len(lines)} {'fault' if len(lines) == 1 else 'faults'}"])
        show(arguments, text, {"ok": False, "file": error.file, "faults": faults})
        return 1
    document = Document(Path(arguments.file).read_text(encoding="utf-8-sig"), arguments.file)
    warnings = [_fault(document.line(one.path), f"{one.where}: {one.problem}", one.hint) for one in advice(document)]
    lines = [f"{document.file}:{one['line']}: warning: {one['problem']} ({one['hint']})" for one in warnings]
    text = f"{arguments.file}: ok, {len(policy.attributes)} attributes, {len(policy.metrics)} metrics"
    data = {"ok": True, "attributes": len(policy.attributes), "metrics": len(policy.metrics), "digest": policy.digest}
    show(arguments, "\n".join([*lines, f"{text}, digest {policy.digest}"]), {**data, "warnings": warnings})
    return 0


def _fault(line: int | None, problem: str, hint: str | None) -> dict[str, Any]:
    return {"line": line, "problem": problem, "hint": hint}
