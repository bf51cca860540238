"""What is replaced where the SDK looks at an application's own objects."""

from __future__ import annotations

from typing import Final

from pazpaz_otel.patches.patch import Patch, rows

_SPEC: Final = "https://opentelemetry.io/docs/specs/otel"

_COMPARED: Final = "Leaves out a measurement that can't be compared."
_HANDLED: Final = (
    "an SDK that handles what objects raise, as its specification asks",
    f"{_SPEC}/error-handling/",
    "the SDK lets no exception of a value into the application",
)

ROWS: Final = (
    *rows(
        "opentelemetry.",
        *_HANDLED,
        (
            "attributes.clean_value",
            "attributes:_clean_attribute_value",
            "Leaves out an attribute whose value can't be printed or read.",
        ),
        (
            "attributes.set_item",
            "attributes:BoundedAttributes.__setitem__",
            "Leaves out an attribute whose key isn't a text, without asking the key anything.",
        ),
        (
            "attributes.set_items",
            "attributes:BoundedAttributes._set_items",
            "Leaves out attributes whose mapping or keys can't be read.",
        ),
        ("span.exit", "sdk.trace:Span.__exit__", "Ends a span whose exception can't be printed."),
        ("counter.add", "sdk.metrics._internal.instrument:Counter.add", _COMPARED),
        ("up_down_counter.add", "sdk.metrics._internal.instrument:UpDownCounter.add", _COMPARED),
        ("histogram.record", "sdk.metrics._internal.instrument:Histogram.record", _COMPARED),
        ("gauge.set", "sdk.metrics._internal.instrument:Gauge.set", _COMPARED),
    ),
    Patch(
        "span.use",
        "opentelemetry.util._decorator:_AgnosticContextManager.__exit__",
        "Lets the application's own exception go on where it can't be printed for the span's status.",
        *_HANDLED,
        inherited=True,
    ),
)
