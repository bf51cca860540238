"""The texts in an object's own class: literal attributes, and those in its constructor and other methods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pazpaz_otel.redact.fifo_cache import FifoCache
from pazpaz_otel.redact.provenance.following import class_attribute, follower_of
from pazpaz_otel.redact.provenance.forms import compiled_into
from pazpaz_otel.redact.provenance.handing import Filling
from pazpaz_otel.redact.provenance.mentions import texts_in
from pazpaz_otel.redact.provenance.places import Texts
from pazpaz_otel.redact.provenance.source import expressions_of, statements_inside
from pazpaz_otel.redact.provenance.source_index import index_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pazpaz_otel.redact.provenance.forms import Parts

_FILLING: Final = Filling(None)
_known: FifoCache[int, tuple[type, Texts]] = FifoCache(1024)


def class_texts(cls: type) -> Texts:
    """Return the texts of a class and its bases."""
    known = _known.get(id(cls))
    if known is not None:
        return known[1]
    found = Texts(
        (parts for base in cls.__mro__ if base.__module__ != "builtins" for parts in _of(cls, base)), _FILLING
    )
    return _known.keep(id(cls), (cls, found))[1]


def _of(cls: type, base: type) -> Iterator[Parts]:
    index = index_of(base.__module__)
    if index is None:
        return
    for name in index.attributes_of(base.__qualname__):
        yield from class_attribute(cls, name)
    for function in index.methods_of(base):
        follower = follower_of(index.module, function)
        nodes = (node for statement in statements_inside(function) for node in expressions_of(statement))
        for parts in texts_in(nodes, follower):
            if compiled_into(parts, index.strings):
                yield parts
