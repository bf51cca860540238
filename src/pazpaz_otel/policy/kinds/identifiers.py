"""Identifiers of randomness and time only. Decimal digits written as one can be a person's number."""

from __future__ import annotations

from typing import Final

from pazpaz_otel.policy.kind_type import KindType

_H: Final = "[0-9a-fA-F]"
_PRINTABLE: Final = f"[2-7]{_H}"
# RFC 9562: versions 4 and 7 hold nothing but randomness and time; the others can hold a name or a machine. A version 7
# begins with the milliseconds since 1970: those of the years 2015 to 2100.
_V4: Final = f"{_H}{{8}}-{_H}{{4}}-4"
_V7: Final = f"0(?:1[5-9a-fA-F]|2{_H}|3[0-9abAB]){_H}{{5}}-{_H}{{4}}-7"
_UUID: Final = f"(?:{_V4}|{_V7}){_H}{{3}}-[89abAB]{_H}{{3}}-{_H}{{12}}"
# Of random UUIDs of version 4 fewer than three in a million look like one of these: decimal digits only (10/16)^30; a
# decimal number in the last group behind three zeros (1/16)^3 (10/16)^12; zeros only behind version and variant
# (1/16)^6; printable ASCII in each byte that is free (6/16)^14.
_MADE: Final = (
    "[0-9]{8}-[0-9]{4}-[47][0-9]{3}-[89abAB][0-9]{3}-[0-9]{12}",
    f"{_H}{{8}}-{_H}{{4}}-[47](?:{_H}{{3}}-[89abAB]000-[0-9]{{12}}|000-[89abAB]000-{_H}{{12}})",
    f"(?:{_PRINTABLE}){{4}}-(?:{_PRINTABLE}){{2}}-4{_H}{_PRINTABLE}-[89abAB]{_H}{_PRINTABLE}-(?:{_PRINTABLE}){{6}}",
)

UUID_SHAPE: Final = f"^{_UUID}$"
UUID_REFUSED: Final = f"^(?:{'|'.join(_MADE)})$"

KINDS = (
    KindType(
        name="uuid",
        belongs="a UUID of version 4 or 7 that chance made: the other versions can hold a name or a machine, and one of"
        " decimal digits only can be a person's number (of random ones, fewer than three in a million are refused)",
        handling="leaves if it is a UUID of version 4 or 7, unless its digits were made from a number or a text",
        shape=UUID_SHAPE,
        refused=UUID_REFUSED,
        lower=True,
        remembered=False,
        chance=True,
        accepts=("8f2e61f0-7a0b-4b63-9d1c-6a1f2b3c4d5e", "01932c07-3c8f-7d4e-8a51-0242ac120002"),
        refuses=(
            "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
            "00000000-0000-4000-8000-000305123456",
            "30512345-6000-4000-a000-000000000000",
            "8f2e61f0-7a0b-4b63-b000-000305123456",
            "01932c07-3c8f-7000-8000-0003a5123456",
            "30512345-6abc-7d4e-8a51-0242ac120002",
            "64766f72-6120-4d69-8a72-616869203435",
            "8f2e61f07a0b4b639d1c6a1f2b3c4d5e",
        ),
    ),
    KindType(
        name="trace_id",
        belongs="32 hexadecimal digits, not all of them decimal",
        handling="leaves if it is 32 hexadecimal digits, not all of them decimal",
        shape="^[0-9a-f]{32}$",
        refused="^[0-9]{32}$",
        remembered=False,
        chance=True,
        accepts=("4bf92f3577b34da6a3ce929d0e0e4736",),
        refuses=("00000000000000000000000305123456", "4bf92f3577b34da6a3ce929d0e0e473", "dvora"),
    ),
    KindType(
        name="span_id",
        belongs="16 hexadecimal digits that aren't a decimal number behind zeros",
        handling="leaves if it is 16 hexadecimal digits that aren't a decimal number behind zeros",
        shape="^[0-9a-f]{16}$",
        # Decimal digits only are one of 1,800 by chance; behind five zeros, fewer than one in a hundred million.
        refused="^0{5}[0-9]{11}$",
        remembered=False,
        chance=True,
        accepts=("00f067aa0ba902b7",),
        refuses=("0000000305123456", "00f067aa0ba902b", "dvora"),
    ),
    KindType(
        name="event_id",
        belongs="a UUID of version 4 without its hyphens, as Sentry writes the ids of its events",
        handling="leaves if it is a random UUID without its hyphens, not of decimal digits only",
        # Other hexadecimal text may be a hash, and an unsalted hash of an identifier is the identifier.
        shape="^[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}$",
        refused="^[0-9]{12}4[0-9]{3}[89ab][0-9]{15}$",
        remembered=False,
        chance=True,
        accepts=("3f2b1c4d5e6f4a7b8c9d0123456789ab",),
        refuses=("00000000000040008000000305123456", "3f2b1c4d5e6f1a7b8c9d0123456789ab"),
    ),
    KindType(
        name="digest",
        belongs="16 hexadecimal digits that aren't a decimal number behind zeros",
        handling="leaves if it is 16 hexadecimal digits that aren't a decimal number behind zeros",
        shape="^[0-9a-f]{16}$",
        refused="^0{5}[0-9]{11}$",
        chance=True,
        accepts=("502f3b3cf734790c",),
        refuses=("0000000305123456", "502f3b3cf734790"),
    ),
)
