import os
from enum import Enum, StrEnum
from typing import NamedTuple

V = os.environ["IDIOM_VALUE"]
O = os.environ["IDIOM_OTHER"]
N = int(os.environ["IDIOM_NUMBER"])

ERR_NO_BERTH = "no berth is free for this ferry"
ERR_TICKET = "ticket {ticket} is not valid on {line}"
ERR_TICKET_OLD = "ticket %(ticket)s was sold last summer"
LOG_DEPART = "ferry %s leaves with %d cars aboard"


class Weather(StrEnum):
    STORM = "sailing suspended by the storm"
    FOG = "sailing delayed by thick fog"


class Step(Enum):
    LOAD = ("load", "ramp is down, cars may drive on")

    @property
    def key(self):
        return self.value[0]

    @property
    def text(self):
        return self.value[1]


class Rule(NamedTuple):
    code: str
    text: str


RULES = {
    "dogs": Rule("R1", "dogs must wear a muzzle on deck"),
    "bikes": Rule("R2", "bicycles go to the lower deck"),
}
NO_SMOKING = Rule("R3", "no smoking inside the saloon")


class Messages:
    """All texts for passengers."""

    class Boarding:
        OPEN = "boarding through the aft door"
        CLOSED = "boarding closed for line {line}"

    LATE = ERR_NO_BERTH + ", please wait outside"
