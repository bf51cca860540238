from __future__ import annotations

import enum
import logging
from dataclasses import dataclass, field
from decimal import Decimal, ROUND_HALF_UP
from typing import Any, ClassVar, NamedTuple, Protocol

from opentelemetry import trace

logger = logging.getLogger(__name__)
audit = logging.getLogger("till.audit")
tracer = trace.get_tracer(__name__)

MSG_REFUND_WINDOW = "Refunds are only possible within 30 days"
CURRENCIES = {"EUR": "euro", "USD": "US dollar"}
HINT = "Check the account settings."


class Code(enum.Enum):
    DECLINED = ("declined", "The card was declined by the issuer")
    EXPIRED = ("expired", "The card has expired")

    def __init__(self, slug: str, text: str) -> None:
        self.slug = slug
        self.text = text


class Interval(enum.StrEnum):
    MONTHLY = enum.auto()
    YEARLY = enum.auto()

    def describe(self) -> str:
        return f"billed {self.value}"


class BillingError(Exception):
    """Base error."""

    code: ClassVar[str] = "billing"

    def __init__(self, message: str = "", **context: Any) -> None:
        super().__init__(message or self.__doc__)
        self.context = context


class InvoiceLocked(BillingError):
    """The invoice is locked for editing."""


class Declined(BillingError):
    def __init__(self, code: Code, customer: str) -> None:
        super().__init__(f"{code.text} ({customer})", code=code)


class Unbalanced(BillingError):
    def __init__(self, expected, actual):
        self.expected, self.actual = expected, actual

    def __str__(self):
        return (
            f"Ledger is out of balance: expected {self.expected}, "
            f"got {self.actual}"
        )


class LimitError(ValueError):
    def __init__(self, limit: int) -> None:
        super().__init__("spending limit of %s reached" % limit)


@dataclass
class TaxError(Exception):
    country: str
    reason: str = "no tax rate is configured"

    def __str__(self) -> str:
        return "{}: {}".format(self.country, self.reason)


@dataclass(frozen=True)
class Line:
    label: str
    amount: Decimal
    quantity: int = 1
    tags: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.quantity < 1:
            raise ValueError("quantity must be positive")


class Result(NamedTuple):
    ok: bool
    message: str


def check(amount):
    if amount > 100:
        return Result(False, "amount exceeds the daily limit")
    return Result(True, "")


class Invoice:
    def __init__(self, number, owner):
        self.number = number
        self.owner = owner
        self.locked = False
        self.log = logging.getLogger(f"{__name__}.{type(self).__name__}")

    def __repr__(self):
        return f"<Invoice {self.number} of {self.owner}>"

    def pay(self, amount):
        with tracer.start_as_current_span("Invoice.pay") as span:
            span.add_event("payment received", {"amount": amount})
            self.log.info("Invoice %s paid with %.2f", self.number, amount)

    def lock(self):
        if self.locked:
            raise InvoiceLocked
        self.locked = True

    @property
    def title(self):
        return f"Invoice no. {self.number} for {self.owner}"

    @classmethod
    def load(cls, raw):
        try:
            return cls(raw["number"], raw["owner"])
        except KeyError as exc:
            raise BillingError(f"invoice has no field {exc}") from exc

    @staticmethod
    def validate(number):
        assert number < 1000, f"invoice number {number!r} is out of range"


def charge(card, amount):
    logger.info(f"Charging {card} with {amount:.2f} {CURRENCIES['EUR']}")
    raise Declined(Code.DECLINED, card)


def refund(days, owner):
    if days > 30:
        raise BillingError(MSG_REFUND_WINDOW + f" ({owner})")


def explain(code):
    return {"late": "The payment arrived too late", "short": "The payment was too small"}[code]


def message_for(kind):
    if kind == "reminder":
        return "Please pay your invoice"
    return "Thank you for your payment"


def cents(value):
    return int(Decimal(value).quantize(Decimal("1"), rounding=ROUND_HALF_UP))
