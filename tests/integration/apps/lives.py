"""What telling something does to the variables of the function that tells it: `{"case": what was left}`.

Each function makes an object, tells what happened, and drops the object; without garbage collection, it has to be gone
then. Or it keeps what `locals()` gave it, which has to stay as it was.
"""
# ruff: noqa: G004 - it logs as applications do

from __future__ import annotations

import gc
import json
import logging
import warnings
import weakref
from typing import TYPE_CHECKING

import structlog
from loguru import logger as loguru
from opentelemetry import trace

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger(__name__)
structured = structlog.get_logger()
tracer = trace.get_tracer(__name__)


class Held:
    """What a function holds."""


class NoRoomError(Exception):
    """An error with a text of its own."""

    def __init__(self, who: str, held: Held) -> None:
        super().__init__(f"no room for {who}")
        self.held = held


class Desk:
    """An object that tells from its methods."""

    reason = "the desk is closed"

    def close(self, who: str) -> weakref.ref[Held]:
        held = Held()
        reference = weakref.ref(held)
        structured.info("desk_closed", reason=self.reason, who=who)
        log.info("%s", who)
        del held
        return reference


def field(who: str) -> weakref.ref[Held]:
    held = Held()
    reference = weakref.ref(held)
    structured.info("visit_moved", kind=who, reason="late")
    del held
    return reference


def bound(who: str) -> weakref.ref[Held]:
    held = Held()
    reference = weakref.ref(held)
    structured.bind(reason=who, step="invoice").info("billed")
    del held
    return reference


def brace(who: str) -> weakref.ref[Held]:
    held = Held()
    reference = weakref.ref(held)
    loguru.info("key cut for {}", who)
    loguru.info(who)
    del held
    return reference


def picked(who: str) -> weakref.ref[Held]:
    held = Held()
    reference = weakref.ref(held)
    log.info(who)
    log.info("seen by %s", who)
    warnings.warn(who, stacklevel=1)
    del held
    return reference


def spanned(who: str) -> weakref.ref[Held]:
    held = Held()
    reference = weakref.ref(held)
    with tracer.start_as_current_span(who) as span:
        span.add_event(f"called {who}", {"reason": who})
        span.set_attribute("messaging.destination.name", who)
        span.set_status(trace.StatusCode.ERROR, who)
    del held
    return reference


def named(who: str) -> weakref.ref[Held]:
    held = Held()
    reference = weakref.ref(held)
    log.info("%s failed for %s", type(held).__name__, who)
    log.info(f"{type(held).__name__} failed for {who}")
    del held
    return reference


def handled(who: str) -> weakref.ref[Held]:
    held = Held()
    reference = weakref.ref(held)
    try:
        raise NoRoomError(who, held)
    except NoRoomError as error:
        log.warning(f"not booked: {error}")
        structured.warning("not_booked", error=str(error), reason=repr(error))
    del held
    return reference


def recorded(who: str) -> weakref.ref[Held]:
    held = Held()
    reference = weakref.ref(held)
    try:
        with tracer.start_as_current_span("book"):
            raise NoRoomError(who, held)
    except NoRoomError:
        log.exception("not booked")
    del held
    return reference


def listed(who: str) -> weakref.ref[Held]:
    held = Held()
    reference = weakref.ref(held)
    errors = [NoRoomError(who, held)]
    log.warning("; ".join(map(str, errors)))
    log.warning("problems: %s", errors)
    del held, errors
    return reference


def caller(who: str) -> weakref.ref[Held]:
    held = Held()
    reference = weakref.ref(held)
    picked(who)
    handled(who)
    del held
    return reference


def enclosing(who: str) -> weakref.ref[Held]:
    held = Held()
    reference = weakref.ref(held)

    def tell() -> None:
        log.info(f"{who} is {reference}")
        log.info(who)

    tell()
    del held
    return reference


def kept_by_a_field(who: str, phone: str) -> list[str]:
    values = locals()
    structured.info("visit_moved", kind=who, reason="late")
    structured.info("called", phone=phone)
    return sorted(values)


def kept_over_an_error(who: str, phone: str) -> list[str]:
    values = locals()
    try:
        raise NoRoomError(f"{who} {phone}", Held())
    except NoRoomError as error:
        log.warning(f"not booked: {error}")
        log.exception("not booked")
    return sorted(values)


def kept_over_texts(who: str, phone: str) -> list[str]:
    values = vars()
    error = ValueError(f"no {who}")
    log.info(who)
    log.info(f"{error}")
    log.info("%s failed: %s", type(error).__name__, phone)
    return sorted(values)


LIVES: tuple[Callable[[str], weakref.ref[Held]], ...] = (
    Desk().close,
    field,
    bound,
    brace,
    picked,
    spanned,
    named,
    handled,
    recorded,
    listed,
    caller,
    enclosing,
)
KEPT = (kept_by_a_field, kept_over_an_error, kept_over_texts)


def main() -> None:
    """Run all of them, a few times, and print."""
    who, phone = "Dvora Mizrahi, 4 Ben Yehuda St", "050 123 4567"
    gc.disable()
    left = {}
    for _ in range(3):
        for tell in LIVES:
            left[tell.__qualname__] = [] if tell(who)() is None else ["held"]
        for keep in KEPT:
            left[keep.__qualname__] = keep(who, phone)
    print(json.dumps(left))


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    main()
