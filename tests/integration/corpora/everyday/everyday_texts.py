"""Constants that the everyday program imports."""

from __future__ import annotations

import enum
from typing import Final, NamedTuple

from fastapi import HTTPException

BOOKING_CLOSED: Final = "booking has been closed for today"
WELCOME_BACK = "welcome back to the waiting list, %s"
QUOTA = "monthly quota of {plan} used up"
ERRORS = {"E_LIMIT": "too many reminders in one hour", "E_OFF": "reminders are switched off"}
STEPS = ("validate the incoming form", "store the form")


class Code(enum.Enum):
    """Codes of failures."""

    STALE = "the record was changed meanwhile"
    GONE = "the record was archived"


class Level(enum.IntEnum):
    """Levels of urgency."""

    URGENT = 3


class Texts:
    """Messages."""

    NO_ROOM = "no room is free at that time"

    class Billing:
        """Messages of the invoices."""

        UNPAID = "the invoice is still unpaid"


class Notice(NamedTuple):
    """A message with its code."""

    code: str
    text: str = "a notice without its own words"


OVERDUE = Notice("overdue", "the payment is long overdue")


def describe(who: str) -> str:
    """Return what is said of a client."""
    return f"described elsewhere as {who}"


class DomainError(Exception):
    """The base of the domain's errors."""

    code = "domain"
    template = "domain rule broken by {subject}"

    def __init__(self, subject: str) -> None:
        self.subject = subject
        super().__init__(self.template.format(subject=subject))


class Overlap(DomainError):
    """Two appointments at once."""

    template = "appointments of {subject} overlap"


class Refusal:
    gone = HTTPException(410, "the waiting list was closed for good")
