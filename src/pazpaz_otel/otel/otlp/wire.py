"""The part of protocol buffers that OTLP needs: tags, lengths and attribute values.

Written by hand because spans are encoded in the thread that serves the request, and a message object for each attribute
costs ten times as much. The tests compare every field with the SDK's encoder.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from struct import Struct
from typing import Any, Final

from pazpaz_otel.redact import drops

_ONE_BYTE: Final = 0x80
_TWO_BYTES: Final = 0x4000
_LENGTHS: Final = tuple(bytes((n,)) for n in range(_ONE_BYTE))
_UNSIGNED: Final = (1 << 64) - 1
_INT64_MIN: Final = -(1 << 63)
_INT64_MAX: Final = (1 << 63) - 1
_pack_double: Final = Struct("<d").pack
_TRUE: Final = b"\x10\x01"
_FALSE: Final = b"\x10\x00"


def varint(number: int) -> bytes:
    """Return an unsigned varint: seven bits a byte."""
    if number < _ONE_BYTE:
        return _LENGTHS[number]
    if number < _TWO_BYTES:
        return bytes((number & 0x7F | 0x80, number >> 7))
    encoded = bytearray()
    while number >= _ONE_BYTE:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


def field(tag: bytes, content: bytes) -> bytes:
    """Return a length-delimited field: a message, a text or bytes.

    Args:
        tag: the field's encoded number and wire type.
        content: the field's content.
    """
    return b"".join((tag, varint(len(content)), content))


def text(tag: bytes, value: str | None) -> bytes:
    """Return a text field, or nothing for an empty text."""
    return field(tag, value.encode()) if value else b""


def number(tag: bytes, value: int) -> bytes:
    """Return a varint field, or nothing for zero."""
    return tag + varint(value) if value else b""


def any_value(value: Any) -> bytes:
    """Return the content of an `AnyValue` message.

    Raises:
        TypeError: the type has no OTLP value.
        ValueError: an integer has more than 64 bits, or a text isn't valid UTF-8.
    """
    encode = _BY_CLASS.get(type(value))
    return encode(value) if encode is not None else _any_subclass(value)


def attributes(tag: bytes, values: Mapping[str, Any] | None, surface: str) -> bytes:
    """Return repeated `KeyValue` fields; an attribute that can't be encoded is dropped and counted.

    Args:
        tag: the repeated field's tag.
        values: the attributes.
        surface: the surface under which dropped attributes are counted.
    """
    if not values:
        return b""
    encoded: list[bytes] = []
    for key, value in values.items():
        try:
            content = key_value(key, value)
        except (TypeError, ValueError):
            drops.drop(surface, "wrong_type")
        else:
            encoded += tag, varint(len(content)), content
    return b"".join(encoded)


def key_value(key: str, value: Any) -> bytes:
    """Return the content of a `KeyValue` message; raises like `any_value`."""
    name, content = key.encode(), any_value(value)
    return b"".join((b"\n", varint(len(name)), name, b"\x12", varint(len(content)), content))


def small_integer(tag: bytes, key: str) -> Callable[[int], bytes]:
    """Return an encoder of one attribute with integers from 0 to 65535.

    Args:
        tag: the repeated field's tag.
        key: the attribute's key.
    """
    heads = {digits: field(tag, key_value(key, 1 << 7 * (digits - 1)))[:-digits] for digits in (1, 2, 3)}
    long = heads[3]

    def encode(value: int) -> bytes:
        if value >= _TWO_BYTES:
            return b"%b%c%c%c" % (long, value & 0x7F | 0x80, value >> 7 & 0x7F | 0x80, value >> 14)
        digits = varint(value)
        return heads[len(digits)] + digits

    return encode


def _string(value: str) -> bytes:
    return field(b"\n", value.encode())


def _boolean(value: object) -> bytes:
    return _TRUE if value else _FALSE


def _integer(value: int) -> bytes:
    if not _INT64_MIN <= value <= _INT64_MAX:
        raise ValueError("an integer of more than 64 bits")
    return b"\x18" + varint(value & _UNSIGNED)


def _double(value: float) -> bytes:
    return b"\x21" + _pack_double(value)


def _sequence(values: Sequence[Any]) -> bytes:
    return field(b"*", b"".join([field(b"\n", any_value(value)) for value in values]))


def _mapping(values: Mapping[Any, Any]) -> bytes:
    return field(b"2", b"".join([field(b"\n", key_value(str(key), value)) for key, value in values.items()]))


def _any_subclass(value: Any) -> bytes:
    if value is None:
        return b""
    for cls, encode in _BY_BASE:
        if isinstance(value, cls):
            return encode(value)
    raise TypeError("no value of OTLP")


_BY_CLASS: Final[dict[type, Callable[[Any], bytes]]] = {
    str: _string,
    bool: _boolean,
    int: _integer,
    float: _double,
    tuple: _sequence,
    list: _sequence,
    dict: _mapping,
}
_BY_BASE: Final[tuple[tuple[type, Callable[[Any], bytes]], ...]] = (
    (bool, _boolean),
    (str, _string),
    (int, _integer),
    (float, _double),
    (bytes, lambda value: field(b":", value)),
    (Sequence, _sequence),
    (Mapping, _mapping),
)
