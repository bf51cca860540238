from dataclasses import dataclass, field
from http import HTTPStatus


class CourierError(Exception):
    """Base of our errors."""

    default_message = "something went wrong at the courier"
    status = HTTPStatus.BAD_REQUEST

    def __init__(self, message=None, **context):
        self.message = message or self.default_message
        self.context = context
        super().__init__(self.message)


class TariffExpired(CourierError):
    default_message = "tariff expired before pickup"


class Templated(Exception):
    template = "generic failure of {what}"

    def __init__(self, **values):
        self.values = values
        super().__init__(self.template.format(**values))


class RouteClosed(Templated):
    template = "route {route} is closed until {until}"


class UnknownParcel(LookupError):
    def __init__(self, ref):
        self.ref = ref
        super().__init__(f"parcel {ref} is unknown in this network")


class CustomsHold(Exception):
    message = "customs are holding the shipment"

    def __str__(self):
        return self.message


class PaymentDeclined(Exception):
    def __init__(self, card, reason):
        self.card = card
        self.reason = reason

    def __str__(self):
        return f"payment with {self.card} was declined by the bank: {self.reason}"


@dataclass
class Overweight(Exception):
    weight: float
    limit: float = 31.5
    notes: list = field(default_factory=list)

    def __str__(self):
        return "axle load {0:.1f} over permitted {1:.1f}".format(self.weight, self.limit)


class Overdue(CourierError):
    @classmethod
    def for_parcel(cls, ref, days):
        return cls(f"parcel {ref} is overdue by {days} days")


class Retryable(Exception):
    def __init__(self, message, *, attempts):
        super().__init__(message)
        self.attempts = attempts

    def __str__(self):
        return f"{super().__str__()} (after {self.attempts} attempts)"


def not_found(kind, ref):
    return CourierError(f"{kind} {ref} does not exist in the registry")
