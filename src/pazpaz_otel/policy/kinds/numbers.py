"""Numbers between bounds. Nine digits can identify a person, so every kind of number has bounds."""

from __future__ import annotations

from pazpaz_otel.policy.kind_type import KindType

KINDS = (
    KindType(
        name="number",
        belongs="a number between the two, inclusive: `{number: [0, 500]}`; a fraction leaves with six significant"
        " digits",
        handling="leaves if it is a number between the policy's bounds; a fraction with six significant digits",
        parameter="bounds",
        remembered=False,
    ),
    KindType(
        name="status_code",
        belongs="a whole number from 100 to 599",
        handling="leaves if it is a whole number from 100 to 599",
        bounds=(100, 599),
        whole=True,
        accepts=(100, 404, 599),
        refuses=(99, 600, 404.0, "404", True, 305123456),
    ),
    KindType(
        name="port",
        belongs="a whole number from 0 to 65535",
        handling="leaves if it is a whole number from 0 to 65535",
        bounds=(0, 65535),
        whole=True,
        accepts=(0, 8443, 65535),
        refuses=(-1, 65536, "8443", True),
    ),
    KindType(
        name="ordinal",
        belongs="a whole number of up to five digits, as a text: a partition, a shard",
        handling="leaves if it is a text of up to five digits",
        shape="^[0-9]{1,5}$",
        accepts=("0", "12"),
        refuses=("305123456", "123456", 7, "dvora"),
    ),
    KindType(
        name="duration",
        belongs="a number of seconds from 0 to 604800; a fraction leaves with six significant digits",
        handling="leaves if it is a number of seconds from 0 to 604800; a fraction with six significant digits",
        bounds=(0, 604800),
        remembered=False,
        accepts=(0, 1.5, 0.000123, 604800),
        refuses=(-1, 604801, "1.5", True, 305123456),
    ),
)
