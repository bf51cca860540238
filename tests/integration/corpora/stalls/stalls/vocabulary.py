from enum import Enum, auto, unique
from http import HTTPStatus
from types import MappingProxyType

SEAT_TAKEN = "Seat {seat} has been taken by somebody else"
REFUND_LATE = "refund of %(amount)s came after the deadline"
NO_SHOW = "no performance on that evening"
ERROR_BASE = "box office error"
ERROR_PRINTER = ERROR_BASE + ": ticket printer out of paper"
ERROR_SCANNER = f"{ERROR_BASE}: barcode scanner not paired"
LONG_TEXT = (
    "the curtain could not be raised because the safety chain "
    "was still locked"
)

EVENTS = MappingProxyType({"opened": "foyer doors were opened", "closed": "foyer doors were closed"})
LEVELS = ("stalls are sold out", "circle is sold out", "balcony is sold out")


@unique
class Cancellation(str, Enum):
    ILLNESS = "lead singer fell ill"
    STRIKE = "stage crew on strike"

    def __str__(self):
        return self.value


class Problem(Enum):
    OVERSOLD = auto()
    UNDERSTAFFED = auto()

    @property
    def label(self):
        return {
            Problem.OVERSOLD: "more tickets than chairs were sold",
            Problem.UNDERSTAFFED: "not enough ushers on duty",
        }[self]


class Code(Enum):
    NOT_PAID = ("T-100", "order was never paid", HTTPStatus.PAYMENT_REQUIRED)

    def __init__(self, code, text, status):
        self.code = code
        self.text = text
        self.status = status
