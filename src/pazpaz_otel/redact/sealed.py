"""Guarded items: the SDK's own types, made immutable.

A processor or an exporter's wrapper may keep an item and write to it after it was judged, even to private fields. Here
such a write changes nothing and is counted, so the last gate sees exactly what was judged, and only checks the class.
Items that other code creates have another class, and are judged again.
"""

from __future__ import annotations

import copy
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from opentelemetry._logs import LogRecord
from opentelemetry.attributes import BoundedAttributes
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.util import BoundedList
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link
from opentelemetry.trace.status import Status

from pazpaz_otel.redact import drops

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_PREFIX: Final = "sealed"


def _refuse(item: Any, _: Any) -> None:
    drops.drop("log" if isinstance(item, LogRecord) else "span", "unguarded")


def _raise(*_: Any, **__: Any) -> Any:
    # The SDK's own immutable attributes do the same.
    raise TypeError("a guarded item can't be changed")


def _sealing(base: type, fields: str) -> Any:
    """Create a subclass of `base` whose fields only `_make` can set."""
    slots = {field: _PREFIX + field for field in fields.split()}
    # Properties take precedence over the instance's namespace, so a write that bypasses them is never read.
    read = {field: property(attrgetter(slot), _refuse) for field, slot in slots.items()}
    return type(f"Sealed{base.__name__}", (base,), {"__slots__": tuple(slots.values()), **read})


SealedSpan: Final = _sealing(
    ReadableSpan,
    "_name _context _parent _resource _attributes _events _links _kind _status _start_time _end_time"
    " _instrumentation_scope _instrumentation_info",
)
SealedEvent: Final = _sealing(Event, "_name _timestamp _attributes")
SealedLink: Final = _sealing(Link, "_context _attributes")
SealedStatus: Final = _sealing(Status, "_status_code _description")
SealedResource: Final = _sealing(Resource, "_attributes _schema_url")
SealedScope: Final = _sealing(InstrumentationScope, "_name _version _schema_url _attributes")
SealedLogRecord: Final = _sealing(
    LogRecord,
    "timestamp observed_timestamp trace_id span_id trace_flags severity_text severity_number body attributes event_name"
    " exception",
)


class SealedAttributes(dict[str, Any], BoundedAttributes):
    """Guarded attributes with the number of dropped ones, but not which.

    The SDK reads that number if attributes are `BoundedAttributes`; the plain dictionary beside it saves cleaning the
    values again, and a lock at every read.
    """

    __init__ = dict.__init__
    dropped = 0

    __setitem__ = __delitem__ = update = setdefault = pop = popitem = clear = __ior__ = _raise

    def __deepcopy__(self, memo: Any) -> Any:
        """Return the attributes themselves: their values are numbers, texts and tuples of them."""
        return self

    def __reduce__(self) -> Any:
        """Pickle as a plain dictionary, which another process judges again."""
        return dict, (dict(self),)


class SealedList(tuple[Any, ...], BoundedList[Any]):  # noqa: SLOT001 - it has the count
    """Guarded events or links with the number of dropped ones."""

    dropped = 0

    def __init__(self, *_: Any) -> None:
        """Do nothing: a tuple is filled when it is created."""

    append = extend = _raise

    def __reduce__(self) -> Any:
        """Pickle as a plain tuple."""
        return tuple, (tuple(self),)


def attributes(values: Mapping[str, Any], dropped: int = 0) -> SealedAttributes:
    """Return immutable attributes."""
    sealed: Any = SealedAttributes(values)
    if dropped:
        sealed.dropped = dropped
    return sealed  # type: ignore[no-any-return]


def items(values: Iterable[Any], dropped: int = 0) -> SealedList:
    """Return immutable events or links."""
    sealed = SealedList(values)
    if dropped:
        sealed.dropped = dropped
    return sealed


def span(**fields: Any) -> ReadableSpan:
    """Return a span with these fields, named like `ReadableSpan`'s arguments."""
    return _sealed(SealedSpan, instrumentation_info=None, **fields)  # type: ignore[no-any-return]


def event(name: str, timestamp: int, values: SealedAttributes) -> Event:
    """Return an event of a span."""
    # A span may have hundreds.
    sealed = SealedEvent.__new__(SealedEvent)
    sealed.sealed_name, sealed.sealed_timestamp, sealed.sealed_attributes = name, timestamp, values
    return sealed  # type: ignore[no-any-return]


def link(context: Any, values: SealedAttributes) -> Link:
    """Return a link of a span."""
    return _sealed(SealedLink, context=context, attributes=values)  # type: ignore[no-any-return]


def status(code: Any, description: str | None) -> Status:
    """Return a span's status."""
    return _sealed(SealedStatus, status_code=code, description=description)  # type: ignore[no-any-return]


def resource(values: Mapping[str, Any], schema_url: str | None) -> Resource:
    """Return a resource."""
    fields = {"attributes": attributes(values), "schema_url": schema_url or ""}
    return _sealed(SealedResource, **fields)  # type: ignore[no-any-return]


def scope(name: str, version: str | None, schema_url: str | None, values: Mapping[str, Any]) -> InstrumentationScope:
    """Return an instrumentation scope."""
    fields = {"name": name, "version": version, "schema_url": schema_url or "", "attributes": attributes(values)}
    return _sealed(SealedScope, **fields)  # type: ignore[no-any-return]


def _sealed(cls: Any, **fields: Any) -> Any:
    sealed = cls.__new__(cls)
    for name, value in fields.items():
        setattr(sealed, f"sealed_{name}", value)
    return sealed


def log_record(record: LogRecord) -> LogRecord:
    """Return an immutable record with a guarded record's fields."""
    sealed = SealedLogRecord.__new__(SealedLogRecord)
    for slot in SealedLogRecord.__slots__:
        setattr(sealed, slot, getattr(record, slot.removeprefix(_PREFIX), None))
    sealed.sealedattributes = attributes(record.attributes or {}, getattr(record.attributes, "dropped", 0))
    sealed.sealedbody = _sealed_value(record.body)
    sealed.context = record.context
    return sealed  # type: ignore[no-any-return]


def is_sealed_span(item: Any) -> bool:
    """Return whether a guard created this span."""
    return item.__class__ is SealedSpan


def is_sealed_log(item: Any) -> bool:
    """Return whether a guard created the record, resource and scope."""
    return (
        item.log_record.__class__ is SealedLogRecord
        and item.resource.__class__ is SealedResource
        and item.instrumentation_scope.__class__ in (SealedScope, type(None))
    )


def _sealed_value(value: Any) -> Any:
    if isinstance(value, dict):
        return attributes({key: _sealed_value(inner) for key, inner in value.items()})
    if isinstance(value, (list, tuple)):
        return tuple(map(_sealed_value, value))
    return copy.copy(value)
