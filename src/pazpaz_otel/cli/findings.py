"""Print findings, for the commands that check something."""

from __future__ import annotations

import sys
import textwrap
from typing import TYPE_CHECKING, Final

from pazpaz_otel.cli.output import show
from pazpaz_otel.settings import mask, wants_colour

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from pazpaz_otel.diagnosis import Finding

_MARKS: Final = {"ok": "ok", "note": "note", "fault": "FAULT"}
_COLOURS: Final = {"ok": "32", "note": "33", "fault": "31"}
_WIDTH: Final = 100


def report(arguments: argparse.Namespace, findings: Sequence[Finding]) -> int:
    """Print the findings without secrets, and return the exit code: 1 if there is a fault."""
    findings = [finding._replace(text=mask(finding.text), hint=mask(finding.hint)) for finding in findings]
    text = render(findings, colour=wants_colour(sys.stdout))
    show(arguments, text, [finding._asdict() for finding in findings])
    return int(any(finding.state == "fault" for finding in findings))


def render(findings: Sequence[Finding], *, colour: bool) -> str:
    """Return the findings as text: the verdict, then the faults, the notes, and what is all right."""
    faults = sum(finding.state == "fault" for finding in findings)
    notes = sum(finding.state == "note" for finding in findings)
    verdict = f"{faults} fault{'s' if faults != 1 else ''}" if faults else "no fault"
    verdict += f", {notes} note{'s' if notes != 1 else ''}" if notes else ""
    lines = [_paint(verdict, "31" if faults else "32", colour), ""]
    widest = max((len(finding.subject) for finding in findings), default=0)
    for state in ("fault", "note", "ok"):
        for finding in (one for one in findings if one.state == state):
            lines += _lines(finding, min(widest, 44), colour=colour)
    return "\n".join(lines)


def _lines(finding: Finding, widest: int, *, colour: bool) -> list[str]:
    mark = _paint(f"{_MARKS[finding.state]:<6}", _COLOURS[finding.state], colour)
    told = textwrap.wrap(finding.text, max(_WIDTH - widest - 8, 40)) or [""]
    lines = [f"{mark}{finding.subject:<{widest}}  {told[0]}"]
    lines += [f"{' ' * (widest + 8)}{line}" for line in told[1:]]
    if finding.hint:
        wrapped = textwrap.wrap(finding.hint, max(_WIDTH - widest - 10, 40))
        lines += [f"{' ' * (widest + 8)}{'→ ' if number == 0 else '  '}{line}" for number, line in enumerate(wrapped)]
    return lines


def _paint(text: str, code: str, colour: bool) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if colour else text
