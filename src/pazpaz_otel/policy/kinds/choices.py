"""Closed lists: an enumeration defined by the policy, and booleans."""

from __future__ import annotations

from pazpaz_otel.policy.kind_type import KindType

KINDS = (
    KindType(
        name="enum",
        belongs="exactly the texts of the list: `{enum: [blue, green]}`",
        handling="leaves if it is in the policy's list",
        parameter="values",
    ),
    KindType(
        name="bool",
        belongs="true and false",
        handling="leaves if it is true or false",
        boolean=True,
        accepts=(True, False),
        refuses=(1, "true"),
    ),
)
