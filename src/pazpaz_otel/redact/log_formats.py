"""Prove formats that an installed package keeps in its module, and hands to its logger through objects of its own.

Celery logs a failed task by a policy that it looks up for the error. The policy holds one of its module's formats, with
the white space around it removed: neither the running function nor its statement has a constant of that text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pazpaz_otel.redact.fifo_cache import FifoCache
from pazpaz_otel.redact.provenance.forms import has_word
from pazpaz_otel.redact.provenance.installed import is_installed
from pazpaz_otel.redact.provenance.places import first_outside
from pazpaz_otel.redact.provenance.source_index import index_of

if TYPE_CHECKING:
    from types import FrameType

_LOGGING: Final = ("logging", "opentelemetry.", "pazpaz_otel", "sentry_sdk")
_formats: FifoCache[str, frozenset[str]] = FifoCache(256)


def kept_format(text: str, frame: FrameType | None) -> str | None:
    """Return a text if it is a format with `%` fields of the installed module that logs it, else None.

    Args:
        text: the record's text, before its values are filled in.
        frame: the frame that creates the record.
    """
    caller = first_outside(frame, _LOGGING) if "%" in text else None
    if caller is None or not is_installed(caller.f_code.co_filename):
        return None
    name = caller.f_globals.get("__name__")
    index = index_of(name) if isinstance(name, str) else None
    if not isinstance(name, str) or index is None or index.module is not caller.f_globals:
        return None
    known = _formats.get(name)
    if known is None:
        known = _formats.keep(name, frozenset(told.strip() for told in index.strings if "%" in told and has_word(told)))
    return text if text in known else None
