"""The kinds of faults, by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from fastapi import BackgroundTasks, Response

    from practice_api.services import Services


class Patient(BaseModel):
    """Someone for the errors to be about."""

    name: str = "Dana Levi"
    phone: str = "+972 50 123 4567"
    note: str = "reports panic attacks since the accident"


@dataclass(frozen=True, slots=True)
class Scene:
    """What a fault can use."""

    patient: Patient
    services: Services
    background: BackgroundTasks


@dataclass(frozen=True, slots=True)
class Fault:
    """A way to fail.

    Args:
        status: what the caller gets.
        run: fails, or handles the failure itself and returns the response, if it has one of its own.
    """

    status: int
    run: Callable[[Scene], Awaitable[Response | None]]


FAULTS: dict[str, Fault] = {}


def fault(
    status: int,
) -> Callable[[Callable[[Scene], Awaitable[Response | None]]], Callable[[Scene], Awaitable[Response | None]]]:
    """Register a fault under its function's name; `status` is what the caller gets."""

    def register(
        run: Callable[[Scene], Awaitable[Response | None]],
    ) -> Callable[[Scene], Awaitable[Response | None]]:
        FAULTS[run.__name__] = Fault(status, run)
        return run

    return register
