"""Rebuild events: each field comes from the policy, the process or the capture; nothing is copied.

The payload is https://develop.sentry.dev/sdk/data-model/event-payloads/.
"""

from __future__ import annotations

import platform
import re
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from opentelemetry import trace
from sentry_sdk.consts import VERSION

from pazpaz_otel.compile import sentry as tables
from pazpaz_otel.policy import accept
from pazpaz_otel.policy.kinds import make_kind
from pazpaz_otel.redact import drops, text
from pazpaz_otel.redact.attributes import AttributeGuard
from pazpaz_otel.redact.log_record import DEPTH
from pazpaz_otel.redact.logger_names import logger_name
from pazpaz_otel.redact.provenance.module_index import class_name_proven
from pazpaz_otel.redact.provenance.places import Running
from pazpaz_otel.redact.user_agents import browser
from pazpaz_otel.sentry import breadcrumbs, exceptions

if TYPE_CHECKING:
    from pazpaz_otel.redact.guards import Guard
    from pazpaz_otel.sentry.capture import Capture
    from pazpaz_otel.sentry.request import RequestContext

STATUS_TAG: Final = "http.status_code"
_METHOD: Final = make_kind("method")
_CONFIGURED: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+/-]{0,63}")
_DEFAULT_GROUPING: Final = "{{ default }}"
_REBUILT: Final = frozenset(
    (
        *("event_id", "timestamp", "platform", "level", "logger", "logentry", "message", "exception", "threads"),
        *("breadcrumbs", "transaction", "transaction_info", "request", "user", "tags", "contexts", "fingerprint"),
        *("release", "environment", "sdk"),
    )
)


def _report_dropped(keys: Iterable[Any], given: Mapping[Any, Any], part: str) -> None:
    for key in keys if drops.watched() else ():
        if isinstance(key, str):
            drops.tell("sentry", "unlisted_key", key, type(given[key]).__name__, {"part": part})


@dataclass(frozen=True, slots=True)
class Identity:
    """The environment and release from the process's configuration."""

    environment: str | None = None
    release: str | None = None


def _configured(value: object) -> str | None:
    return value if isinstance(value, str) and _CONFIGURED.fullmatch(value) else None


class EventFilter:
    """Rebuild events so that they may leave."""

    def __init__(self, guard: Guard, identity: Identity) -> None:
        self.guard = guard
        self.tables = tables.compile_sentry(guard.policy)
        self._tag_guard = AttributeGuard(self.tables.tags, guard.evidence, guard.messages)
        self._context_guards = {
            name: AttributeGuard(policy, guard.evidence, guard.messages)
            for name, policy in self.tables.contexts.items()
        }
        self._crumbs = breadcrumbs.Crumbs(guard)
        self._identity = identity

    def identity_of(self, options: Mapping[str, Any]) -> Identity:
        """Return the environment and release of a client's events: the configuration's, else the client's options."""
        return Identity(
            self._identity.environment or _configured(options.get("environment")),
            self._identity.release or _configured(options.get("release")),
        )

    def rebuild(self, event: Mapping[str, Any], capture: Capture, identity: Identity | None = None) -> dict[str, Any]:
        """Return the event that may leave, with its client's identity; by default, the configuration's."""
        drops.drop("sentry", "unlisted_key", len(event.keys() - _REBUILT))
        request = capture.request
        made: dict[str, Any] = {
            "event_id": capture.event_id,
            "timestamp": breadcrumbs.timestamp(event.get("timestamp")) or time.time(),
            "platform": "python",
            "level": tables.level(event.get("level")) or "error",
            "sdk": {"name": "sentry.python", "version": VERSION},
            "contexts": self._contexts(event, capture),
            "tags": self._tags(event, capture),
        }
        optional = {
            "logger": logger_name(event.get("logger")),
            "transaction": (route := self._route(capture)),
            "request": self._request(request, route),
            "user": self._user(event),
            "release": (identity or self._identity).release,
            "environment": (identity or self._identity).environment,
            "fingerprint": self._fingerprint(event.get("fingerprint"), capture.fingerprint),
        }
        made |= {key: value for key, value in optional.items() if value}
        made |= self._what(event, capture)
        crumbs = self._crumbs.of(event, request)
        if crumbs:
            made["breadcrumbs"] = {"values": crumbs}
        return made

    def _what(self, event: Mapping[str, Any], capture: Capture) -> dict[str, Any]:
        if capture.exceptions:
            made: dict[str, Any] = {"exception": {"values": capture.exceptions}}
            if capture.message:
                made["logentry"] = {"message": capture.message}
            return made
        declared = self._declared(event.get("exception"))
        if declared:
            return {"exception": {"values": declared}}
        made = {"logentry": {"message": capture.message or text.PLACEHOLDER}}
        if not capture.message:
            drops.drop("sentry", "unproven_text")
        if capture.stack:
            thread = {"crashed": False, "current": True, "stacktrace": {"frames": capture.stack}}
            made["threads"] = {"values": [thread]}
        return made

    def _declared(self, interface: object) -> list[dict[str, Any]]:
        """Return the exceptions of a hand-made event: types of loaded classes, and texts of the capturing statement."""
        made, running = [], Running(sys._getframe(1), DEPTH)  # noqa: SLF001 - the transport runs inside the capture
        for value in tables.values(interface):
            module, name = value.get("module"), str(value.get("type"))
            qualified = f"{module}.{name}" if module and module != "builtins" else name
            kind = exceptions.split(qualified) if class_name_proven(qualified) else ("builtins", "Exception")
            message = text.judge(value.get("value"), running, self.guard.messages).text
            made.append(
                {
                    "type": kind[1],
                    "module": kind[0],
                    "value": text.PLACEHOLDER if message is None else message,
                    "mechanism": {"type": "generic", "handled": True},
                }
            )
        return made[-exceptions.MAX_EXCEPTIONS :]

    def _contexts(self, event: Mapping[str, Any], capture: Capture) -> dict[str, Any]:
        declared = event.get("contexts")
        made: dict[str, Any] = {}
        for name, context in self._context_guards.items():
            values = declared.get(name) if isinstance(declared, Mapping) else None
            plain = {key: tables.plain(value) for key, value in values.items()} if isinstance(values, Mapping) else {}
            kept, _ = context.clean(plain, "sentry")
            if kept:
                made[name] = kept
            _report_dropped(plain.keys() - kept.keys(), plain, f"contexts.{name}")
        if "runtime" in self._context_guards:
            made["runtime"] = {"name": platform.python_implementation(), "version": platform.python_version()}
        if isinstance(declared, Mapping):
            lost = declared.keys() - made.keys() - {"trace"}
            _report_dropped(lost, declared, "contexts")
            drops.drop("sentry", "unlisted_key", len(lost), told=True)
        if capture.context is not None:
            made["trace"] = {
                "trace_id": trace.format_trace_id(capture.context.trace_id),
                "span_id": trace.format_span_id(capture.context.span_id),
                "type": "trace",
            }
        return made

    def _tags(self, event: Mapping[str, Any], capture: Capture) -> dict[str, str]:
        declared = event.get("tags")
        if isinstance(declared, list):
            declared = {str(pair[0]): pair[1] for pair in declared if isinstance(pair, list) and len(pair) > 1}
        given = declared if isinstance(declared, Mapping) else {}
        attributes = getattr(capture.span, "attributes", None) or {}
        made = {}
        for key in self.tables.tags.attributes:
            fallback = capture.fields.get(key, capture.fields.get(key.replace(".", "_"), attributes.get(key)))
            value = self._tag(key, given.get(key, fallback))
            if value is not None:
                made[key] = value
        request_id = self._tag("request_id", capture.request_id)
        if request_id is not None:
            made["request_id"] = request_id
        _report_dropped(given.keys() - made.keys(), given, "tags")
        drops.drop("sentry", "unlisted_key", len(given.keys() - made.keys()), told=True)
        return made

    def _tag(self, key: str, value: object) -> str | None:
        judged = self._tag_guard.value(key, tables.plain(value))
        return tables.as_text(judged) if isinstance(judged, (str, int, float)) else None

    def with_status(self, made: dict[str, Any], status: int | None) -> dict[str, Any]:
        """Return the event with the response's status as a tag, which the alert rules need."""
        tag = self._tag(STATUS_TAG, status) if status is not None else None
        return made if tag is None else {**made, "tags": {**made["tags"], STATUS_TAG: tag}}

    def _route(self, capture: Capture) -> str | None:
        if capture.request is not None:
            return next(filter(self.guard.evidence.route, capture.request.routes), None)
        # Flask, Django and other frameworks that serve by WSGI.
        route = (getattr(capture.span, "attributes", None) or {}).get("http.route")
        return route if isinstance(route, str) and self.guard.evidence.route(route) else None

    def _request(self, request: RequestContext | None, route: str | None) -> dict[str, Any]:
        if request is None:
            return {}
        headers = request.headers
        kind, host = tables.media_type(headers.get("content-type")), headers.get("host", "")
        shown = {
            "Content-Type": kind,
            "Host": host.lower() if self.guard.evidence.host(host) else None,
            "User-Agent": browser(headers.get("user-agent")),
        }
        made = {
            "method": accept(_METHOD, request.scope.get("method")),
            "url": route,
            "headers": {key: value for key, value in shown.items() if value},
        }
        return {key: value for key, value in made.items() if value}

    def _user(self, event: Mapping[str, Any]) -> dict[str, str]:
        user = event.get("user")
        if not isinstance(user, Mapping):
            return {}
        found = tables.account_id(user.get("id"))
        drops.drop("sentry", "unlisted_key", len(user) - (1 if found else 0))
        return {"id": found} if found else {}

    @staticmethod
    def _fingerprint(value: object, proven: frozenset[str]) -> list[str]:
        parts = list(value) if isinstance(value, (list, tuple)) else []
        kept = [part for part in parts if isinstance(part, str) and (part == _DEFAULT_GROUPING or part in proven)]
        # Without one part, distinct groups would be merged: let the server group by default instead.
        return kept if kept and len(kept) == len(parts) else []
