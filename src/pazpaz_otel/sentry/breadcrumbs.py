"""Breadcrumbs: log templates, queries and outgoing calls before the error, all rebuilt.

The request collects them cheaply (a tuple for a log record, a function that makes the span for a query); they are
checked only when an error is sent.
"""

from __future__ import annotations

import logging
import math
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from opentelemetry import trace
from opentelemetry.sdk.trace import SpanProcessor
from opentelemetry.trace import SpanKind

from pazpaz_otel.compile import sentry as tables
from pazpaz_otel.policy import accept
from pazpaz_otel.policy.kinds import make_kind
from pazpaz_otel.redact import drops, text
from pazpaz_otel.redact.log_templates import template_of
from pazpaz_otel.redact.logger_names import logger_name
from pazpaz_otel.redact.provenance.module_index import module_proven
from pazpaz_otel.redact.provenance.places import Running
from pazpaz_otel.redact.span import SpanGuard
from pazpaz_otel.redact.times import is_recent
from pazpaz_otel.sentry import request

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import ReadableSpan, Span

    from pazpaz_otel.redact.guards import Guard
    from pazpaz_otel.redact.messages import Messages

MAX_CRUMBS: Final = request.MAX_CRUMBS
TYPES: Final = frozenset({"default", "debug", "error", "http", "log", "navigation", "query"})
CATEGORIES: Final = frozenset(
    {"console", "http", "httplib", "log", "navigation", "query", "redis", "started", "subprocess"}
)
_METHOD: Final = make_kind("method")
_STATUS: Final = make_kind("status_code")
_WATCHED: Final = "_pazpaz_otel_crumbs"


class SpanCrumbs(SpanProcessor):
    """Keep each query and outgoing call of a request until the request ends."""

    kinds = (SpanKind.CLIENT,)
    guards_itself = True
    """It receives unguarded spans, because breadcrumbs are checked when they are sent."""

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Do nothing."""

    def on_end(self, span: ReadableSpan) -> None:
        """Keep the span if it is a client span."""
        if span.kind in self.kinds:
            self.keep(lambda: span)

    @staticmethod
    def keep(made: Callable[[], ReadableSpan]) -> None:
        """Keep a client span, which is made when an error is sent."""
        current = request.current()
        if current is not None:
            current.crumbs.append(made)


def watch_spans() -> None:
    """Add the processor to the global tracer provider, if one is set; repeated calls are harmless."""
    provider: Any = trace.get_tracer_provider()
    if not hasattr(provider, "add_span_processor") or getattr(provider, _WATCHED, False):
        return
    provider.add_span_processor(SpanCrumbs())
    setattr(provider, _WATCHED, True)


class Crumbs:
    """Rebuild breadcrumbs so that they may leave."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._spans = SpanGuard(guard)

    def of(self, event: Mapping[str, Any], current: request.RequestContext | None) -> list[dict[str, Any]]:
        """Return the last `MAX_CRUMBS` breadcrumbs of the event and the request, in order of time."""
        own = [self._own(kept) for kept in (current.crumbs if current is not None else ())]
        declared = map(self._declare, tables.values(event.get("breadcrumbs"))[-2 * MAX_CRUMBS :])
        made = [crumb for crumb in (*declared, *own) if crumb]
        made.sort(key=lambda crumb: crumb.get("timestamp", 0.0))
        return made[-MAX_CRUMBS:]

    def _own(self, kept: Any) -> dict[str, Any]:
        if callable(kept):
            return self._span(self._spans.clean(kept()))
        created, level, logger, message = kept
        return _crumb(timestamp(created), "log", logger_name(logger), tables.level(level.lower()), message)

    def _span(self, span: ReadableSpan) -> dict[str, Any]:
        found = span.attributes or {}
        query = found.get("db.query.text", found.get("db.statement"))
        system = found.get("db.system.name", found.get("db.system"))
        ended = timestamp((span.end_time or 0) / 1e9)
        if system is not None:
            message = query if isinstance(query, str) else span.name
            return _crumb(ended, "query", "query", "info", message)
        method = found.get("http.request.method", found.get("http.method"))
        if method is None:
            return {}
        data = {
            "method": method,
            "status_code": found.get("http.response.status_code", found.get("http.status_code")),
            "host": found.get("server.address", found.get("net.peer.name")),
            "route": found.get("url.template"),
        }
        return _crumb(ended, "http", "http", "info", None) | {"data": {k: v for k, v in data.items() if v is not None}}

    def _declare(self, value: Mapping[str, Any]) -> dict[str, Any]:
        category = value.get("category")
        known = category if isinstance(category, str) and category in CATEGORIES else logger_name(category)
        kind = value.get("type")
        raw = value.get("data")
        data: Mapping[str, Any] = raw if isinstance(raw, Mapping) else {}
        message = value.get("message")
        if isinstance(message, str):
            is_query = category == "query"
            shown = self._query(message, data) if is_query else text.judge(message, (), self._guard.messages).text
            shown = None if shown == text.PLACEHOLDER else shown
            drops.drop("sentry", "unproven_text", int(shown is None or (shown != message and not is_query)))
            message = shown
        else:
            message = None
        made = _crumb(
            timestamp(value.get("timestamp")),
            kind if isinstance(kind, str) and kind in TYPES else "default",
            known,
            tables.level(value.get("level")),
            message,
        )
        kept = self._http(data) if category in {"http", "httplib"} else {}
        drops.drop("sentry", "unlisted_key", len(data) - len(kept))
        if message is None and not kept and (made["type"] == "log" or known is None or known in CATEGORIES):
            # A kind and a time say nothing. The SDK's logging integration fills in templates; the request's own
            # breadcrumbs keep them.
            return {}
        return made | ({"data": kept} if kept else {})

    def _query(self, message: str, data: Mapping[str, Any]) -> str | None:
        system = data.get("db.system", data.get("db.system.name"))
        attributes = {"db.query.text": message, "db.system.name": system if isinstance(system, str) else ""}
        judged = self._guard.attributes.value("db.query.text", message, attributes)
        return judged if isinstance(judged, str) else None

    def _http(self, data: Mapping[str, Any]) -> dict[str, Any]:
        url = data.get("url")
        rest = url.partition("://")[2] if isinstance(url, str) else ""
        host = rest.partition("/")[0].rpartition("@")[2].partition("?")[0]
        kept = {
            "method": accept(_METHOD, data.get("method", data.get("http.method"))),
            "status_code": accept(_STATUS, data.get("status_code", data.get("http.response.status_code"))),
            "host": host.lower() if host and self._guard.evidence.host(host) else None,
        }
        return {key: value for key, value in kept.items() if value is not None}


class _Judged:
    """The hook `before_breadcrumb` of a client, which proves a message while the statement that composes it runs."""

    def __init__(self, before: Callable[..., Any] | None, messages: Messages) -> None:
        self._before = before
        self._messages = messages

    def __call__(self, crumb: Any, hint: Any) -> Any:
        message, record = crumb.get("message"), (hint or {}).get("log_record")
        category = crumb.get("category")
        is_query = category == "query"
        if isinstance(record, logging.LogRecord):
            # A composed line is a crumb of the request already, as its template.
            found = message if template_of(record, self._messages) is not None else None
        else:
            found = text.judge(message, Running(sys._getframe(1)), self._messages).text if not is_query else None  # noqa: SLF001
        kept = crumb if self._before is None else self._before(crumb, hint)
        if not is_query and type(message) is str and isinstance(kept, dict) and kept.get("message") is message:
            kept["message"] = found or text.PLACEHOLDER
        # Later, a category is taken for the name of a logger, which counts whoever has said it.
        is_own = isinstance(record, logging.LogRecord) or not isinstance(kept, dict)
        if not is_own and not _is_said(kept.get("category"), sys._getframe(1)):  # noqa: SLF001
            kept["category"] = None
        return kept


def _is_said(category: object, frame: FrameType) -> bool:
    """Return whether a category is a usual one, a module's name, or a text of the running statement."""
    try:
        known = type(category) is not str or category in CATEGORIES or module_proven(category)
        return known or isinstance(text.search(category, Running(frame)), text.Kept)  # type: ignore[arg-type]
    except Exception:  # noqa: BLE001  # a doubt is a no
        return False


def judged(before: Callable[..., Any] | None, messages: Messages) -> Callable[..., Any]:
    """Return a client's hook `before_breadcrumb`, which turns a composed message into its template."""
    return before if isinstance(before, _Judged) else _Judged(before, messages)


def timestamp(value: object) -> float | None:
    """Return a time given by the SDK or an application in seconds since the epoch, or None if it isn't near now."""
    if isinstance(value, str) and len(value) <= len("2026-11-24T20:26:09.000000+00:00"):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, datetime):
        value = (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    return float(value) if is_recent(value) else None


def _crumb(at: float | None, kind: str, category: str | None, level: str | None, message: str | None) -> dict[str, Any]:
    made = {"timestamp": at, "type": kind, "category": category, "level": level or "info", "message": message}
    return {key: value for key, value in made.items() if value is not None}
