"""Guard a stack trace that is already text, such as the SDK's `exception.stacktrace`: keep only proven lines.

Kept are Python's own sentences, frames whose file, function and line belong to a loaded module, and names of loaded
exception classes; messages only if they are proven. Source lines, notes and everything else are removed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pazpaz_otel.redact.containment import in_doubt
from pazpaz_otel.redact.fifo_cache import FifoCache
from pazpaz_otel.redact.messages import NO_MESSAGES, Messages
from pazpaz_otel.redact.provenance.module_files import relative_path
from pazpaz_otel.redact.provenance.module_index import class_name_proven, function_name_proven, line_proven
from pazpaz_otel.redact.text import PLACEHOLDER, judge

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD: Final = "Traceback (most recent call last):"
STACK_HEAD: Final = "Stack (most recent call last):"
GROUP_HEAD: Final = "Exception Group Traceback (most recent call last):"
CAUSE: Final = "The above exception was the direct cause of the following exception:"
CONTEXT: Final = "During handling of the above exception, another exception occurred:"
UNKNOWN_FRAME: Final = f'  File "{PLACEHOLDER}"'

MAX_LENGTH: Final = 256 * 1024
MAX_LINES: Final = 2048
MAX_KEPT: Final = 512
MAX_HEAD: Final = 160

_SENTENCES: Final = frozenset({"", HEAD, STACK_HEAD, GROUP_HEAD, CAUSE, CONTEXT, UNKNOWN_FRAME})
# How Python draws exception groups: a margin, and rules with the members' numbers.
_MARGIN: Final = re.compile(r" {2,32}[|+] ")
_RULE: Final = re.compile(r" {2,32}\+(?:-\+)?-{16}(?:-{20}| (?:\d{1,2}|\.\.\.) -{16})")
_FRAME: Final = re.compile(r' {2}File "([^"]{1,1024})", line (\d{1,6}), in (\S.{0,255})')
_REPEATED: Final = re.compile(r" {2}\[Previous line repeated \d{1,4} more times?\]")
_RAISED: Final = re.compile(r"([^\W\d][\w.<>]{0,255})(?:: (.*))?")


_rendered: FifoCache[str, None] = FifoCache(256)


def remember_trace(trace: str) -> str:
    """Remember a trace that consists of proven parts, so that it passes unchanged; return it."""
    if len(trace) <= MAX_LENGTH:
        _rendered.keep(trace, None)
    return trace


@in_doubt(answer=None)
def guard_stacktrace(trace: str, messages: Messages = NO_MESSAGES) -> str | None:
    """Return `trace` without anything unproven, or None if nothing is left; limited in size, never raises."""
    if type(trace) is not str:
        return None
    if trace in _rendered:
        return trace
    lines = list(_kept(trace[:MAX_LENGTH].split("\n")[:MAX_LINES], messages))
    if len(lines) > MAX_KEPT:
        # The root cause comes first and the last raise at the end: leave out the middle of a long trace.
        lines = lines[:MAX_HEAD] + lines[MAX_HEAD - MAX_KEPT :]
    return "\n".join(lines).strip("\n") or None


def _kept(lines: list[str], messages: Messages) -> Iterator[str]:
    last = None
    for line in lines:
        if _RULE.fullmatch(line):
            kept: str | None = line
        else:
            margin = _MARGIN.match(line)
            prefix = margin.group() if margin else ""
            judged = _judge(line[len(prefix) :], messages)
            kept = None if judged is None else prefix + judged
        # Consecutive rejected frames and empty lines say no more than one.
        if kept is not None and not (kept == last and kept.strip(" |+") in ("", UNKNOWN_FRAME.strip())):
            yield kept
            last = kept


def _judge(line: str, messages: Messages) -> str | None:
    if line in _SENTENCES or _REPEATED.fullmatch(line):
        return line
    frame = _FRAME.fullmatch(line)
    if frame is not None:
        return _frame(*frame.groups())
    raised = _RAISED.fullmatch(line)
    if raised is not None:
        return _raised(raised[1], raised[2], messages)
    return None


def _frame(file: str, line: str, function: str) -> str:
    path = relative_path(file)
    if path is None or not line_proven(int(line), file):
        return UNKNOWN_FRAME
    return f'  File "{path}", line {int(line)}, in {function if function_name_proven(function, file) else PLACEHOLDER}'


def _raised(name: str, message: str | None, messages: Messages) -> str | None:
    # Python omits the module for classes of the program's main file.
    if not (class_name_proven(name) or class_name_proven(f"__main__.{name}")):
        return None
    if not message:
        return name
    return f"{name}: {judge(message, (), messages).text or PLACEHOLDER}"
