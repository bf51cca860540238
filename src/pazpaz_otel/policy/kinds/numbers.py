"""Numbers between bounds: nine digits can identify a person, so every numeric kind is bounded."""

from __future__ import annotations

from pazpaz_otel.policy.kind_type import KindType

KINDS = (
    KindType(
        name="number",
        belongs="a number between the bounds, inclusive: `{number: [0, 500]}`; fractions are rounded to six significant"
        " digits",
        handling="leaves if it is within the policy's bounds; fractions are rounded to six significant digits",
        parameter="bounds",
        remembered=False,
    ),
    KindType(
        name="status_code",
        belongs="a whole number from 100 to 599",
        bounds=(100, 599),
        whole=True,
        accepts=(100, 404, 599),
        refuses=(99, 600, 404.0, "404", True, 305123456),
    ),
    KindType(
        name="port",
        belongs="a whole number from 0 to 65535",
        bounds=(0, 65535),
        whole=True,
        accepts=(0, 8443, 65535),
        refuses=(-1, 65536, "8443", True),
    ),
    KindType(
        name="ordinal",
        belongs="a whole number of up to five digits as a text, such as a partition or a shard",
        handling="leaves if it is a text of up to five digits",
        shape="^[0-9]{1,5}$",
        accepts=("0", "12"),
        refuses=("305123456", "123456", 7, "dvora"),
    ),
    KindType(
        name="duration",
        belongs="a number of seconds from 0 to 604800; fractions are rounded to six significant digits",
        handling="leaves if it is from 0 to 604800 seconds; fractions are rounded to six significant digits",
        bounds=(0, 604800),
        remembered=False,
        accepts=(0, 1.5, 0.000123, 604800),
        refuses=(-1, 604801, "1.5", True, 305123456),
    ),
)
