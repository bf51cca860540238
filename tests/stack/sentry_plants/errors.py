"""Canaries in errors, scopes, events made by hand, log records, and envelopes of every kind."""

from __future__ import annotations

import contextlib
import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sentry_sdk
from registry import plant, raised, throw
from sentry_sdk.envelope import Envelope, Item, PayloadRef

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger("plants")


@plant
def messages(c: Callable[[str], str]) -> None:
    raised(lambda: throw(ValueError(f"bad {c('exception message')}")))
    raised(lambda: throw(ValueError(c("bare exception message"))))
    raised(lambda: {}[c("key error")])
    raised(lambda: int(c("int of text")))
    raised(lambda: getattr(object(), c("attribute name")))
    raised(lambda: Path(f"/nowhere/{c('file name')}").read_text())
    raised(lambda: throw(type(c("class name"), (Exception,), {})("x")))
    raised(lambda: __import__(c("module name")))
    error = ValueError("x")
    error.add_note(c("note"))
    raised(lambda: throw(error))
    raised(lambda: throw(ExceptionGroup(c("group"), [ValueError(c("member")), TypeError("y")])))
    try:
        raised(lambda: throw(LookupError(c("context"))))
        raise LookupError(c("cause"))
    except LookupError as cause:
        try:
            raise RuntimeError("later") from cause
        except RuntimeError as later:
            sentry_sdk.capture_exception(later)
    sentry_sdk.capture_message(f"message {c('captured message')}")


@plant
def code(c: Callable[[str], str]) -> None:
    local = c("local variable")
    nested = {"patient": [c("nested local"), local]}
    line = "sourceline5c1canary"  # SOURCE_LINE
    raised(lambda: throw(ValueError(len(line + str(nested)))))
    space: dict[str, Any] = {"__name__": c("generated module")}
    exec(compile(f"def {c('function name')}():\n    1/0", f"/{c('code file')}.py", "exec"), space)
    raised(space[c("function name")])


@plant
def scope(c: Callable[[str], str]) -> None:
    with sentry_sdk.isolation_scope() as inner:
        inner.set_tag("patient", c("tag value"))
        inner.set_tag(c("tag key"), "x")
        inner.set_context("patient", {"name": c("context value"), c("context key"): 1})
        inner.set_context(c("context name"), {"a": 1})
        inner.set_extra("patient", c("extra value"))
        inner.set_extra(c("extra key"), 1)
        inner.set_user(
            {"id": c("user id"), "email": c("user email"), "username": c("user name"), "ip_address": "1.2.3.4"}
        )
        inner.fingerprint = [c("fingerprint")]
        inner.set_transaction_name(c("transaction name"))
        inner.add_attachment(bytes=c("attachment").encode(), filename=c("attachment name"))
        inner.add_breadcrumb(message=c("crumb message"), category=c("crumb category"), data={"x": c("crumb data")})
        query = f"SELECT * FROM t WHERE a = '{c('crumb sql')}'"
        inner.add_breadcrumb(category="query", message=query, type=c("crumb type"))
        inner.add_breadcrumb(
            category="httplib", data={"url": f"http://h/{c('crumb url')}", "method": c("crumb method")}
        )
        inner.add_event_processor(
            lambda event, _: event | {"server_name": c("processor"), "modules": {c("modules"): "1"}}
        )
        inner.set_attribute("patient", c("scope attribute"))
        sentry_sdk.set_level("error")
        with contextlib.suppress(Exception):
            from sentry_sdk.feature_flags import add_feature_flag

            add_feature_flag(c("feature flag"), True)
        raised(lambda: 1 / 0)


@plant
def event_by_hand(c: Callable[[str], str]) -> None:
    frame = {
        "filename": c("event filename"),
        "abs_path": c("event path"),
        "function": c("event function"),
        "module": c("event module"),
        "context_line": c("event line"),
        "vars": {"a": c("event vars")},
        "lineno": 1,
    }
    sentry_sdk.capture_event(
        {
            "message": c("event message"),
            "logentry": {"message": c("event logentry"), "params": [c("event params")],
                         "formatted": c("event formatted")},
            "logger": c("event logger"),
            "platform": c("event platform"),
            "server_name": c("event server"),
            "dist": c("event dist"),
            "release": c("event release"),
            "environment": c("event environment"),
            "transaction": c("event transaction"),
            "modules": {c("event modules"): "1"},
            "extra": {"a": c("event extra")},
            "tags": {"request_id": c("event request id"), "http.status_code": c("event status")},
            "user": {"id": c("event user")},
            "contexts": {"trace": {"trace_id": c("event trace id"), "description": c("event trace")},
                         "runtime": {"name": c("event runtime")}, "response": {"data": c("event response")}},
            "request": {"url": f"http://h/{c('event url')}", "data": c("event body"), "cookies": c("event cookies"),
                        "query_string": c("event query"), "env": {"REMOTE_ADDR": c("event address")},
                        "headers": {"Authorization": c("event header"), "Host": c("event host")}},
            "exception": {"values": [{"type": c("event type"), "value": c("event value"), "module": "builtins",
                                      "mechanism": {"type": c("event mechanism"), "data": {"a": c("mechanism data")}},
                                      "stacktrace": {"frames": [frame]}}]},
            "threads": {"values": [{"name": c("event thread"), "stacktrace": {"frames": [frame]}}]},
            "breadcrumbs": {"values": [{"message": c("event crumb"), "data": {"a": c("event crumb data")}}]},
            "debug_meta": {"images": [{"code_file": c("event image")}]},
            "sdk": {"name": c("event sdk"), "packages": [{"name": c("event package")}]},
            "fingerprint": [c("event fingerprint")],
            "level": c("event level"),
            c("event unknown key"): 1,
        }
    )  # fmt: skip


@plant
def logs(c: Callable[[str], str]) -> None:
    logger.info("note of %s", c("crumb argument"))
    logger.warning(f"note of {c('crumb text')}")  # noqa: G004  # as it is often written
    logger.error("note of %s", c("logged argument"))
    logger.error(f"note of {c('logged text')}", extra={"patient": c("log record extra")})  # noqa: G004
    logger.error("with the stack", stack_info=True)
    local = c("stack local")
    logging.getLogger(f"patients.{c('logger name')}").error("with %d", len(local))
    try:
        raise ValueError(c("logged exception"))
    except ValueError:
        logger.exception("failed for %s", c("logged exception argument"))


@plant
def other_items(c: Callable[[str], str]) -> None:
    with contextlib.suppress(Exception):
        sentry_sdk.logger.info(f"note of {c('sentry log')}", attributes={"patient": c("sentry log attribute")})
        sentry_sdk.metrics.count(c("sentry metric"), 1, attributes={"patient": c("metric attribute")})
    with contextlib.suppress(Exception):
        from sentry_sdk.crons import capture_checkin

        capture_checkin(monitor_slug=c("check-in"), status="ok")
    with sentry_sdk.start_transaction(name=c("transaction"), op="x") as transaction:
        transaction.set_tag("a", c("transaction tag"))
        with sentry_sdk.start_span(op="db", name=c("span description")) as span:
            span.set_data("a", c("span data"))
    isolation = sentry_sdk.get_isolation_scope()
    isolation.set_user({"id": c("session user")})
    isolation.start_session()
    isolation.end_session()
    isolation.set_user(None)
    transport = sentry_sdk.get_client().transport
    for kind in ("feedback", "user_report", "profile", "profile_chunk", "replay_event", "client_report", "unheard_of"):
        payload = PayloadRef(json={"message": c(f"{kind} payload"), "version": "1", "platform": "python"})
        item = Item(payload=payload, type=kind, headers={"filename": c(f"{kind} item header")})
        header = {"event_id": "0" * 32, "trace": {"public_key": c(f"{kind} envelope header"), "trace_id": "1" * 32}}
        transport.capture_envelope(Envelope(headers=header, items=[item]))
    raw = Item(payload=json.dumps({"message": c("raw event bytes")}).encode(), type="event")
    transport.capture_envelope(Envelope(headers={"event_id": "1" * 32}, items=[raw]))
