"""What we say to people and to machines."""

from enum import Enum, IntEnum, StrEnum
from typing import Final

PARCEL_MISSING = "parcel is not in this depot"
TOO_HEAVY: Final = "parcel weighs {weight} kg while the limit is {limit} kg"
SCAN_FAILED = "scan of %s failed twice"
SPAN_DISPATCH = "dispatch evening wave"
PREFIX = "conveyor: "

NOTICES = {
    "late": "courier is running late",
    "lost": "parcel declared lost after %d days",
}


class Text:
    SUSPENDED = "route is suspended"
    RESUMED = "route {} runs again"


class Outcome(StrEnum):
    RETURNED = "returned to sender"
    DELIVERED = "delivered in person"


class Fault(Enum):
    NO_COVER = ("E17", "insurance does not cover this")
    NO_FUNDS = ("E18", "account balance is too low")

    @property
    def code(self):
        return self.value[0]

    @property
    def text(self):
        return self.value[1]


class Stage(IntEnum):
    INBOUND = 1
    SORTED = 2
