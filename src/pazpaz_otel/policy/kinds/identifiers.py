"""Identifiers that consist only of randomness and time; one written in decimal digits could be a person's number."""

from __future__ import annotations

from typing import Final

from pazpaz_otel.policy.kind_type import KindType

_HEX: Final = "[0-9a-fA-F]"
_PRINTABLE_BYTE: Final = f"[2-7]{_HEX}"
# RFC 9562: versions 4 and 7 hold only randomness and time; the others can hold a name or identify a machine. Version 7
# begins with the milliseconds since 1970; this accepts the years 2015 to 2100.
_V4: Final = f"{_HEX}{{8}}-{_HEX}{{4}}-4"
_V7: Final = f"0(?:1[5-9a-fA-F]|2{_HEX}|3[0-9abAB]){_HEX}{{5}}-{_HEX}{{4}}-7"
_UUID: Final = f"(?:{_V4}|{_V7}){_HEX}{{3}}-[89abAB]{_HEX}{{3}}-{_HEX}{{12}}"
# Fewer than three in a million random version 4 UUIDs match one of these: decimal digits only, (10/16)^30; a decimal
# number in the last group behind three zeros, (1/16)^3 (10/16)^12; only zeros between version and variant, (1/16)^6;
# printable ASCII in every free byte, (6/16)^14.
_CONSTRUCTED: Final = (
    "[0-9]{8}-[0-9]{4}-[47][0-9]{3}-[89abAB][0-9]{3}-[0-9]{12}",
    f"{_HEX}{{8}}-{_HEX}{{4}}-[47](?:{_HEX}{{3}}-[89abAB]000-[0-9]{{12}}|000-[89abAB]000-{_HEX}{{12}})",
    f"(?:{_PRINTABLE_BYTE}){{4}}-(?:{_PRINTABLE_BYTE}){{2}}-4{_HEX}{_PRINTABLE_BYTE}-[89abAB]{_HEX}{_PRINTABLE_BYTE}-(?:{_PRINTABLE_BYTE}){{6}}",
)

UUID_SHAPE: Final = f"^{_UUID}$"
UUID_REFUSED: Final = f"^(?:{'|'.join(_CONSTRUCTED)})$"

KINDS = (
    KindType(
        name="uuid",
        belongs="a random UUID of version 4 or 7: other versions can hold a name or identify a machine, and one of"
        " decimal digits only could be a person's number (this refuses fewer than three in a million random UUIDs)",
        handling="leaves if it is a UUID of version 4 or 7, unless its digits look like an encoded number or text",
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
        shape="^[0-9a-f]{32}$",
        refused="^[0-9]{32}$",
        remembered=False,
        chance=True,
        accepts=("4bf92f3577b34da6a3ce929d0e0e4736",),
        refuses=("00000000000000000000000305123456", "4bf92f3577b34da6a3ce929d0e0e473", "dvora"),
    ),
    KindType(
        name="span_id",
        belongs="16 hexadecimal digits that aren't a decimal number padded with zeros",
        shape="^[0-9a-f]{16}$",
        # One random id in 1,800 has decimal digits only; fewer than one in a hundred million have five leading zeros.
        refused="^0{5}[0-9]{11}$",
        remembered=False,
        chance=True,
        accepts=("00f067aa0ba902b7",),
        refuses=("0000000305123456", "00f067aa0ba902b", "dvora"),
    ),
    KindType(
        name="event_id",
        belongs="a UUID of version 4 without its hyphens, the form of Sentry's event ids",
        handling="leaves if it is a random UUID without its hyphens, not of decimal digits only",
        # Other hexadecimal text could be an unsalted hash of an identifier, which reveals the identifier.
        shape="^[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}$",
        refused="^[0-9]{12}4[0-9]{3}[89ab][0-9]{15}$",
        remembered=False,
        chance=True,
        accepts=("3f2b1c4d5e6f4a7b8c9d0123456789ab",),
        refuses=("00000000000040008000000305123456", "3f2b1c4d5e6f1a7b8c9d0123456789ab"),
    ),
    KindType(
        name="digest",
        belongs="16 hexadecimal digits that aren't a decimal number padded with zeros",
        shape="^[0-9a-f]{16}$",
        refused="^0{5}[0-9]{11}$",
        chance=True,
        accepts=("502f3b3cf734790c",),
        refuses=("0000000305123456", "502f3b3cf734790"),
    ),
)
