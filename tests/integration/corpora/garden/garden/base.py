import logging
import os
from dataclasses import dataclass, field
from enum import Enum, IntEnum, StrEnum
from typing import Any

V = os.environ["IDIOM_VALUE"]
O = os.environ["IDIOM_OTHER"]
N = int(os.environ["IDIOM_NUMBER"])

DEFAULT_GREETING = "the greenhouse is open to visitors"
FROST_WARNING = "frost expected in bed {bed} around {hour}"
PEST_TEMPLATE = "pest %s seen on %s"
MESSAGES: dict[str, str] = {
    "watered": "all beds have been watered",
    "dry": "bed {bed} has fallen dry",
}
STEPS = ["sow the seeds first", "thin out the seedlings"]


class Season(StrEnum):
    SPRING = "spring sowing has begun"
    AUTUMN = "autumn harvest has begun"


class Alarm(Enum):
    HEAT = "it is too hot under the glass"
    COLD = "it is too cold under the glass"

    def describe(self) -> str:
        return f"climate alarm: {self.value}"


class ErrorCode(IntEnum):
    PUMP = 11
    VALVE = 12


class GardenError(Exception):
    """Anything that goes wrong among the plants."""

    http_status = 500
    public = "the garden is having a bad day"

    def __init__(self, message: str = "", *, plant: Any = None) -> None:
        super().__init__(message or self.public)
        self.plant = plant


class PumpError(GardenError):
    public = "the irrigation pump does not start"


class CodedError(GardenError):
    def __init__(self, code: ErrorCode, message: str, **kw: Any) -> None:
        self.code = code
        super().__init__(f"E{code.value:03d}: {message}", **kw)


class PlantMissing(GardenError):
    def __init__(self, name: str, bed: str | None = None) -> None:
        text = f"plant {name} is not in the catalogue"
        if bed:
            text += f" of bed {bed}"
        super().__init__(text)


class SoilError(GardenError):
    def __str__(self) -> str:
        return "soil of " + str(self.plant) + " is far too acid"


class LazyError(Exception):
    def __init__(self, *, what: str) -> None:
        self.what = what

    def __str__(self) -> str:
        return "could not graft {} onto the stem".format(self.what)


class WithRepr(Exception):
    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)

    def __repr__(self) -> str:
        return f"WithRepr(reason={self.reason!r})"


@dataclass(kw_only=True)
class Settings:
    motto: str = "we grow everything but money here"
    opening: str = field(default="opening hours are on the gate")
    nested: dict[str, str] = field(default_factory=dict)


SETTINGS = Settings()


def get_logger(name: str | None = None) -> logging.Logger:
    return logging.getLogger(f"garden.{name}" if name else "garden")


class LoggerMixin:
    @property
    def logger(self) -> logging.Logger:
        return logging.getLogger(type(self).__module__)
