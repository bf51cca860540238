"""What is replaced where the SDK looks at an application's own objects."""

from __future__ import annotations

from typing import Final

from pazpaz_otel.patches.patch import Patch

_INSTRUMENTS: Final = "opentelemetry.sdk.metrics._internal.instrument"

ROWS: Final = tuple(
    Patch(
        name,
        target,
        "opentelemetry-sdk",
        why,
        "an SDK that handles what objects raise, as its specification asks",
        "https://opentelemetry.io/docs/specs/otel/error-handling/",
        "the SDK lets no exception of a value into the application",
        inherited=name == "span.use",
    )
    for name, target, why in (
        (
            "attributes.clean_value",
            "opentelemetry.attributes:_clean_attribute_value",
            "Leaves out an attribute whose value can't be printed or read.",
        ),
        (
            "attributes.set_item",
            "opentelemetry.attributes:BoundedAttributes.__setitem__",
            "Leaves out an attribute whose key isn't a text, without asking the key anything.",
        ),
        (
            "attributes.set_items",
            "opentelemetry.attributes:BoundedAttributes._set_items",
            "Leaves out attributes whose mapping or keys can't be read.",
        ),
        ("span.exit", "opentelemetry.sdk.trace:Span.__exit__", "Ends a span whose exception can't be printed."),
        (
            "span.use",
            "opentelemetry.util._decorator:_AgnosticContextManager.__exit__",
            "Lets the application's own exception go on where it can't be printed for the span's status.",
        ),
        ("counter.add", f"{_INSTRUMENTS}:Counter.add", "Leaves out a measurement that can't be compared."),
        (
            "up_down_counter.add",
            f"{_INSTRUMENTS}:UpDownCounter.add",
            "Leaves out a measurement that can't be compared.",
        ),
        ("histogram.record", f"{_INSTRUMENTS}:Histogram.record", "Leaves out a measurement that can't be compared."),
        ("gauge.set", f"{_INSTRUMENTS}:Gauge.set", "Leaves out a measurement that can't be compared."),
    )
)
