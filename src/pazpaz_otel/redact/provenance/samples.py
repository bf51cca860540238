"""Detect constants, reached by name, that look like sample data and not like a message.

A constant with a long number, or of only capitalised words ("Dana Levi"), is a sample unless one of the words describes
an event and isn't part of a name ("Not Found", "Access Denied"), or unless it only repeats the identifier of its enum
member (`NO_SHOW = "No Show"`).
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

from pazpaz_otel.redact.provenance.forms import Hole, Piece

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pazpaz_otel.redact.provenance.forms import Parts

_WORDS: Final = re.compile(r"[^\W\d_]+")
_NUMBER: Final = re.compile(r"\d{5}")
_EVENT_WORDS: Final = frozenset(
    "a an and any are at be been but by can cannot could did does doing due during each every from had has have if in"
    " into is its least most must never no non none not of off on only or other over per please shall should such than"
    " that the their then there these this those to too unless until upon was were when where which while with within"
    " without would yet you your"
    " aborted accepted access activated active added allowed already approved archived assigned attached"
    " authenticated authentication authorization authorized available blocked booked broken busy cancelled canceled"
    " changed check closed completed configured confirmed conflict connected connection corrupt created credentials"
    " deactivated deleted denied deprecated detected disabled disallowed disconnected done duplicate duplicated empty"
    " enabled error errors exceeded exception exhausted exist existing exists expected expired failed failure fatal"
    " finished forbidden format found gone ignored illegal implemented inactive incomplete incorrect insufficient"
    " internal interrupted invalid issued limit limited locked logged lost malformed mismatch missing modified"
    " occupied overdue paid password pending permission permissions permitted processed processing provided"
    " queued received refused registered rejected removed request required rescheduled reserved resolved restricted"
    " retry revoked running saved scheduled sent session skipped started stopped submitted succeeded successful"
    " successfully supported suspended taken terminated timeout token unable unauthenticated unauthorized unavailable"
    " unconfirmed undefined unexpected unknown unpaid unprocessable unreachable unsupported updated upgrade"
    " used validation verified wrong".split()
)


def is_sample(parts: Parts, member: str | None = None) -> bool:
    """Return whether a constant looks like sample data.

    Args:
        parts: the constant's parts; a composition never looks like a sample.
        member: the identifier of the enum member whose value it is.
    """
    if any(isinstance(part, Hole) for part in parts):
        return False
    text = "".join(part.text for part in parts if isinstance(part, Piece))
    if _NUMBER.search(text) is not None:
        return True
    words = _WORDS.findall(text)
    if len(words) < 2 or not all(map(str.istitle, words)):  # noqa: PLR2004
        return False
    lowered = [word.lower() for word in words]
    return _EVENT_WORDS.isdisjoint(lowered) and (member is None or lowered != _WORDS.findall(member.lower()))


def messages_among(bound: tuple[ast.expr, ...]) -> Iterator[Parts]:
    """Yield the messages among which a name's only assignment chooses: `why = given or "no reason was given"`."""
    match bound:
        case (ast.BoolOp(op=ast.Or(), values=arms),):
            pass
        case (ast.IfExp(body=first, orelse=other),):
            arms = [first, other]
        case _:
            arms = []
    for arm in arms:
        # A single word may be the default of a value.
        if isinstance(arm, ast.Constant) and type(arm.value) is str and " " in arm.value:
            parts = (Piece(arm.value, arm.value),)
            yield from () if is_sample(parts) else (parts,)
