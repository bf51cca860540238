"""`pazpaz-otel policy check [FILE]`: every fault in a policy, and every probable mistake."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pazpaz_otel.cli.output import show
from pazpaz_otel.errors import PazPazOtelError, PolicyError, PolicyFileError
from pazpaz_otel.settings import Settings

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the action's arguments."""
    from pazpaz_otel.policy.kinds import KIND_NAMES  # noqa: PLC0415 - imported on demand

    parser.add_argument("file", nargs="?", help="the policy file; PAZPAZ_OTEL_POLICY if not given")
    parser.epilog = f"kinds: {', '.join(KIND_NAMES)}, {{enum: [a, b]}}, {{number: [minimum, maximum]}}"


def run(arguments: argparse.Namespace) -> int:
    """Check the file; return 1 if it has a fault.

    Raises:
        PazPazOtelError: neither the arguments nor the environment name a file.
    """
    from pazpaz_otel.policy import load_policy  # noqa: PLC0415 - imported on demand

    file = arguments.file or Settings.from_env().policy
    if file is None:
        raise PazPazOtelError("name the policy file, or set PAZPAZ_OTEL_POLICY to its path")
    try:
        policy = load_policy(file)
    except PolicyFileError:
        raise
    except PolicyError as error:
        faults = [_fault(one.line, one.problem, one.hint) for one in error.faults]
        lines = [one.line_of_text for one in error.faults]
        warnings, warned = _warnings(file)
        count = f"{file}: {len(lines)} {'fault' if len(lines) == 1 else 'faults'}"
        data = {"ok": False, "file": error.file, "faults": faults, "warnings": warnings}
        show(arguments, "\n".join([*lines, *warned, count]), data)
        return 1
    warnings, lines = _warnings(file)
    text = f"{file}: ok, {len(policy.attributes)} attributes, {len(policy.metrics)} metrics"
    data = {"ok": True, "attributes": len(policy.attributes), "metrics": len(policy.metrics), "digest": policy.digest}
    show(arguments, "\n".join([*lines, f"{text}, digest {policy.digest}"]), {**data, "warnings": warnings})
    return 0


def _warnings(file: str) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the probable mistakes in a file as data and as lines; none in a file that can't be parsed."""
    from pazpaz_otel.policy.advice import advice  # noqa: PLC0415 - imported on demand
    from pazpaz_otel.policy.document import Document  # noqa: PLC0415

    try:
        document = Document(Path(file).read_text(encoding="utf-8-sig"), file)
    except PolicyError:
        return [], []
    found = [_fault(document.line(one.path), f"{one.where}: {one.problem}", one.hint) for one in advice(document)]
    return found, [f"{file}:{one['line']}: warning: {one['problem']} ({one['hint']})" for one in found]


def _fault(line: int | None, problem: str, hint: str | None) -> dict[str, Any]:
    return {"line": line, "problem": problem, "hint": hint}
