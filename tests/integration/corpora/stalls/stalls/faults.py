from abc import ABC, abstractmethod
from typing import Any, ClassVar


class StallsError(Exception):
    code: ClassVar[str] = "stalls"
    detail = "unspecified trouble in the theatre"

    def __init__(self, detail: str | None = None, /, **extra: Any) -> None:
        if detail is not None:
            self.detail = detail
        self.extra = extra

    def __str__(self) -> str:
        return f"[{self.code}] {self.detail}"


class SeatBlocked(StallsError):
    code = "seat"
    detail = "this seat is blocked for the director"


class ShowCancelled(StallsError):
    def __init__(self, show: str, reason: str) -> None:
        super().__init__(f"show {show} was called off because {reason}", show=show)


class Wrapped(Exception):
    def __init__(self, message: str, cause: Exception | None = None):
        full = f"{message} (caused by {cause.__class__.__name__})" if cause else message
        super().__init__(full)


class QuotaError(Exception):
    MSG = "group quota of {} seats is used up by {}"

    def __init__(self, quota, who):
        super().__init__(self.MSG.format(quota, who))


class FormatError(ValueError):
    msg_fmt = "cannot read %(what)s as a seat plan"

    def __init__(self, **kwargs):
        super().__init__(self.msg_fmt % kwargs)


class Multi(Exception):
    def __init__(self, problems):
        self.problems = problems
        lines = ["the order has several problems:"]
        lines.extend(f"- {p}" for p in problems)
        super().__init__("\n".join(lines))


class ArgsOnly(Exception):
    pass


class Step(ABC):
    name = "abstract step"

    def run(self, what):
        try:
            self.execute(what)
        except LookupError as exc:
            raise StallsError(f"{self.name} gave up on {what}") from exc

    @abstractmethod
    def execute(self, what): ...


class Print(Step):
    name = "ticket printing"

    def execute(self, what):
        raise KeyError(what)


def ensure(condition, message, *args):
    if not condition:
        raise StallsError(message % args if args else message)


def abort(text):
    error = ArgsOnly(text)
    raise error
