"""What the source proves of a log record, recorded when the record is created.

A handler sees the text with its values filled in. The record factory runs inside the logging call, so it can prove the
template there, and every later sink (OTLP, Sentry, standard output) finds the proof with the record.
"""

from __future__ import annotations

import copy
import copyreg
import logging
import re
import sys
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self, SupportsIndex

from pazpaz_otel import patches
from pazpaz_otel.redact import drops, own_lines, text
from pazpaz_otel.redact.by_identity import ByIdentity
from pazpaz_otel.redact.containment import in_doubt, is_contained
from pazpaz_otel.redact.deferred import deferred
from pazpaz_otel.redact.exception_text import judge_message, judge_near
from pazpaz_otel.redact.fifo_cache import FifoCache
from pazpaz_otel.redact.log_wrappings import of_object, printed_member, rewritten, told, within, wrapped
from pazpaz_otel.redact.logger_names import proving_names
from pazpaz_otel.redact.messages import NO_MESSAGES, Messages
from pazpaz_otel.redact.provenance.forms import Form, brace_parts, percent_parts
from pazpaz_otel.redact.provenance.module_index import simple_name_proven
from pazpaz_otel.redact.provenance.places import Running

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import FrameType

_TRACE_HEAD: Final = "\nTraceback (most recent call last):\n"
_WARNINGS: Final = "py.warnings"
_WARNING: Final = re.compile(r"[^\n]*?:\d+: ([^\W\d]\w*): (.*?)(?:\n  [^\n]*)?\n?", re.DOTALL)


@dataclass(slots=True, eq=False)
class Event:
    """A structured event, as it was when its logger was called.

    Attributes:
        message: the object that its logger passes on; a record is the event's if it holds this very object.
        template: what may leave of its text.
        fields: everything passed in the call, and everything bound to its logger.
        proven: the fields that the call's source proves.
        error: its exception.
    """

    message: Any
    template: str | None
    fields: Mapping[str, Any] = field(default_factory=dict)
    proven: Mapping[str, Any] = field(default_factory=dict)
    error: BaseException | None = None


class _Proof:
    """The proof of one record; only this module creates it, so that no other attribute is accepted instead."""

    __slots__ = ("event", "message", "template")

    def __init__(self, message: object, template: str | None, event: Event | None) -> None:
        self.message = message
        self.template = template
        self.event = event


class ProvenLogRecord(logging.LogRecord):
    """A log record with its proof.

    The proof is a slot, so that handlers which export `vars(record)` don't export it; another has the handlers that
    were given the record.
    """

    __slots__ = ("_pazpaz_otel_given", "_pazpaz_otel_proof")

    @classmethod
    def of(cls, *args: Any, **kwargs: Any) -> ProvenLogRecord:
        """Create the record that `logging` requests from its factory, inside the logging statement."""
        record = cls(*args, **kwargs)
        record._pazpaz_otel_proof = _proven(record, sys._getframe(1))  # noqa: SLF001
        if own_lines.is_own(record.name):
            own_lines.guard(record, template_of(record))
        return record

    def __reduce_ex__(self, _: SupportsIndex) -> tuple[Any, ...]:
        """Pickle as the plain record that the application would have: another process may lack this package."""
        return copyreg._reconstructor, (logging.LogRecord, object, None), dict(vars(self))  # type: ignore[attr-defined] # noqa: SLF001 - its name is in every such pickle

    def __copy__(self) -> Self:
        """Return a copy with the same proof, as a queue's handler makes one."""
        return self._copied(dict(vars(self)))

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Return a copy with the same proof, as long as it holds the same text."""
        return self._copied(copy.deepcopy(vars(self), memo))

    def _copied(self, fields: dict[str, Any]) -> Self:
        made = type(self).__new__(type(self))
        made.__dict__ = fields
        for cls in type(self).__mro__:
            for slot in getattr(cls, "__slots__", ()):
                if hasattr(self, slot):
                    setattr(made, slot, getattr(self, slot))
        return made

    @classmethod
    def proven(cls, event: Event) -> ProvenLogRecord:
        """Create a record that holds nothing but an event, without the application's factory."""
        record = cls("", logging.NOTSET, "", 0, event.message, None, None)
        record._pazpaz_otel_proof = _Proof(event.message, event.template, event)
        return record


current: ContextVar[Event | None] = ContextVar("pazpaz_otel_structured_event", default=None)
"""The structured event whose logger is being called; the next record may belong to it."""

# For records of an application's own class, which lacks the slot.
_proofs: ByIdentity[logging.LogRecord, _Proof] = ByIdentity()
_births: FifoCache[tuple[Any, ...], _Proof] = FifoCache(1024)
_FACTORY: Final = "logging.record_factory"


def install() -> None:
    """Make `logging` create proven records, also with an application's own factory."""
    patches.install(_FACTORY, _proving)
    patches.install("logging.set_record_factory", _keeping_proofs)
    patches.install("logging.get_logger", proving_names)


def template_of(record: logging.LogRecord, messages: Messages = NO_MESSAGES) -> str | None:
    """Return the text as it is in the source, including `%` fields, or None if the source doesn't prove it."""
    proof, message = _proof_of(record), record.msg
    # A filter or a queue's handler may have changed the text since: it must still match the proven form.
    if proof is not None and proof.template is not None and _is_of(proof, message):
        return (proof.message is not message and rewritten(proof.template, message, record.name)) or proof.template
    if isinstance(message, BaseException):
        return judge_message(message, messages=messages).text
    plain = text.exact(message)
    if not plain:
        return plain
    if proof is not None and proof.template:
        known = rewritten(proof.template, plain, record.name) or wrapped(proof.template, plain)
        if known is not None:
            return known
    try:
        return messages.match(record.getMessage())
    except BaseException as error:  # `logging` reports it to the developer, and continues
        if not is_contained(error):
            raise
        return None


def is_judged(record: logging.LogRecord) -> bool:
    """Return whether a record was judged in its logging statement, and is unchanged."""
    proof = _proof_of(record)
    return proof is not None and proof.message is record.msg


def event_of(record: logging.LogRecord) -> Event | None:
    """Return the structured event that a record was made from."""
    proof = _proof_of(record)
    return proof.event if proof is not None and proof.message is record.msg else None


def error_of(record: logging.LogRecord) -> BaseException | None:
    """Return the record's exception, or None."""
    if record.exc_info and isinstance(record.exc_info, tuple) and isinstance(record.exc_info[1], BaseException):
        return record.exc_info[1]
    event = event_of(record)
    return event.error if event is not None else None


class _Beside:
    """An application's own record factory, extended by the proof."""

    def __init__(self, factory: Callable[..., logging.LogRecord]) -> None:
        self.own = factory

    def __call__(self, *args: Any, **kwargs: Any) -> logging.LogRecord:
        record = self.own(*args, **kwargs)
        if _proof_of(record) is None:
            proof = _proven(record, sys._getframe(1))  # noqa: SLF001 - the only way to a caller's frame
            if proof is not None:
                _proofs.keep(record, proof)
                # A copy, such as a queue's handler makes, isn't in the dictionary above.
                _births.keep(_birth(record), _Proof(None, proof.template, None))
            if own_lines.is_own(record.name):
                own_lines.guard(record, template_of(record))
        return record


def _own(factory: Callable[..., logging.LogRecord]) -> Callable[..., logging.LogRecord]:
    """Return the application's factory: the one behind ours, which it may set again if it was given ours."""
    if isinstance(factory, _Beside):
        return factory.own
    return logging.LogRecord if factory == ProvenLogRecord.of else factory


def _proving(factory: Callable[..., logging.LogRecord]) -> Callable[..., logging.LogRecord]:
    own = _own(factory)
    return ProvenLogRecord.of if own is logging.LogRecord else _Beside(own)


def _keeping_proofs(original: Callable[..., None]) -> Callable[..., None]:
    def set_factory(factory: Callable[..., logging.LogRecord]) -> None:
        patches.uninstall(_FACTORY)
        original(_own(factory))
        patches.install(_FACTORY, _proving)

    return set_factory


def _proof_of(record: logging.LogRecord) -> _Proof | None:
    if isinstance(record, ProvenLogRecord):
        found = getattr(record, "_pazpaz_otel_proof", None)
    else:
        found = _proofs.get(record) or _births.get(_birth(record))
    return found if type(found) is _Proof else None


def _birth(record: logging.LogRecord) -> tuple[Any, ...]:
    return record.created, record.thread, record.name, record.lineno


def _proven(record: logging.LogRecord, frame: FrameType) -> _Proof | None:
    if own_lines.unread.get(record.name, "") == record.funcName:
        return _Proof(record.msg, None, None)
    try:
        return _prove(record, frame)
    except BaseException as error:  # noqa: BLE001 - nothing proven, nothing broken
        drops.fail("log", error)
        return _Proof(record.msg, None, None)


def _prove(record: logging.LogRecord, frame: FrameType) -> _Proof | None:
    message: object = record.msg
    event = current.get()
    if event is not None and event.message is message:
        current.set(None)
        return _Proof(message, event.template, event)
    if isinstance(message, BaseException):
        return _Proof(message, judge_message(message, frame).text, None)
    plain = printed_member(message) or text.exact(message)
    if plain is None:
        return _Proof(message, of_object(message), None)
    if not plain:
        return None
    if record.name == _WARNINGS:
        return _Proof(message, _warned(plain, frame), None)
    template = text.judge(plain, Running(frame)).text
    if template is None:
        template = _otherwise(plain, record.name, frame)
    if template is not None and record.args and isinstance(record.args, tuple):
        template = told(record.args, template, frame)
    return _Proof(message, template, None)


@in_doubt(answer=None)
def _otherwise(plain: str, logger: str, frame: FrameType) -> str | None:
    """Return what may leave of a text that isn't in the statement: an exception's, a wrapper's, a passed one."""
    return within(plain, logger, frame) or judge_near(plain) or deferred(plain, logger, frame)


def _warned(made: str, frame: FrameType) -> str | None:
    """Return the message that `logging.captureWarnings` logs, without the file and source line that Python adds."""
    found = _WARNING.fullmatch(made)
    if found is None or not simple_name_proven(found[1]):
        return None
    message = text.judge(found[2], Running(frame)).text or judge_near(found[2])
    return f"{found[1]}: {message if message is not None else text.PLACEHOLDER}"


def _is_of(proof: _Proof, message: object) -> bool:
    if proof.message is message:
        return True
    return type(message) is str and proof.template is not None and _fills(proof.template, message)


def _fills(template: str, made: str) -> bool:
    """Return whether `made` is `template` with its fields filled in, and optionally a stack trace after it."""
    made = made.partition(_TRACE_HEAD)[0]
    if made == template:
        return True
    forms = (percent_parts(template, (), {}), brace_parts(template, (), {}))
    return any(parts is not None and Form(parts).matches(made) for parts in forms)
