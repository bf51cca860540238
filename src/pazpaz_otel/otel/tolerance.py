"""Keeps what an application's own objects raise out of its calls of OpenTelemetry.

The SDK prints attributes, compares measurements and formats exceptions in the statement that hands them over, where
OpenTelemetry's API alone would do nothing with them.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Final

from pazpaz_otel import patches
from pazpaz_otel.redact import drops, text

_PLAIN: Final = frozenset({str, int, bool, float, type(None)})
_INSTRUMENTS: Final = ("counter.add", "up_down_counter.add", "histogram.record", "gauge.set")


def tolerate_objects() -> None:
    """Leave out what can't be looked at, from now on. A second call changes nothing."""
    patches.install("attributes.clean_value", _cleaning)
    patches.install("attributes.set_item", _keying)
    patches.install("attributes.set_items", functools.partial(_leaving_out, "span_attribute"))
    for name in _INSTRUMENTS:
        patches.install(name, functools.partial(_leaving_out, "metric"))
    for name in ("span.exit", "span.use"):
        patches.install(name, _exiting)


def _cleaning(original: Any) -> Callable[..., Any]:
    def clean(value: Any, longest: int | None) -> Any:
        if longest is None and type(value) in _PLAIN:
            return value
        try:
            return original(value, longest)
        except BaseException as error:  # noqa: BLE001 - the object's own, or raised again
            drops.fail("span_attribute", error)
            return None

    return clean


def _keying(original: Any) -> Callable[..., None]:
    def __setitem__(self: Any, key: Any, value: Any) -> None:  # noqa: N807 - the method's name
        # The SDK counts an empty key as dropped.
        original(self, key if type(key) is str else text.exact(key) or "", value)

    return __setitem__


def _leaving_out(surface: str, original: Any) -> Callable[..., None]:
    def call(self: Any, given: Any, *args: Any, **kwargs: Any) -> None:
        try:
            original(self, given, *args, **kwargs)
        except BaseException as error:  # noqa: BLE001 - the object's own, or raised again
            drops.fail(surface, error)

    return call


def _exiting(original: Any) -> Callable[..., Any]:
    def __exit__(self: Any, kind: Any, raised: Any, traceback: Any) -> Any:  # noqa: N807 - the method's name
        try:
            return original(self, kind, raised, traceback)
        except BaseException as error:
            if raised is None or error is raised:
                raise
            # The exception couldn't be printed: the span ends, and the application's own exception goes on.
            drops.fail("span_status", error)
            return original(self, None, None, None)

    return __exit__
