"""The registry of plants: functions that put a canary into places that sentry-sdk can pick one up from."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import sentry_sdk

if TYPE_CHECKING:
    from collections.abc import Callable

SOURCE_LINE = "sourceline5c1canary"
PLANTS: dict[str, Callable[[Callable[[str], str]], None]] = {}


def canary(seed: str, place: str) -> str:
    """The canary of a place: a word that stands nowhere else."""
    return "cnry" + hashlib.sha256(f"{seed}/{place}".encode()).hexdigest()[:14]


def plant(function: Callable[[Callable[[str], str]], None]) -> Callable[[Callable[[str], str]], None]:
    """Register a plant."""
    PLANTS[function.__name__] = function
    return function


def raised(make: Callable[[], Any]) -> None:
    """Capture what `make` raises."""
    try:
        make()
    except BaseException as error:
        sentry_sdk.capture_exception(error)


def throw(error: BaseException) -> None:
    raise error
