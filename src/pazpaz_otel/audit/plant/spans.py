"""Plant on spans: names, attributes, events, exceptions, status, links, trace state and scope."""

from __future__ import annotations

import contextlib
import threading
from typing import Any

from opentelemetry import trace
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags, TraceState

from pazpaz_otel.audit.canaries import KEY_VARIANTS
from pazpaz_otel.audit.plant.registry import Surfaces

SPANS = Surfaces("span")
tracer = trace.get_tracer(__name__)


class ClientNotFoundError(Exception):
    """An application's own error."""


@SPANS("name")
def _name(text: str) -> None:
    with tracer.start_as_current_span(text):
        pass


@SPANS("name.formatted")
def _formatted_name(text: str) -> None:
    with tracer.start_as_current_span(f"save note of {text}", kind=SpanKind.CLIENT):
        pass


@SPANS("name.updated")
def _updated_name(text: str) -> None:
    with tracer.start_as_current_span("update") as span:
        span.update_name("note " + text)


@SPANS("attribute.value")
def _attribute_value(text: str) -> None:
    with tracer.start_as_current_span("attributes", attributes={"client.name": text, "http.route": text}) as span:
        span.set_attributes(
            {"note": text, "db.query.text": f"SELECT '{text}'", "url.full": f"https://a.example/{text}"}
        )


@SPANS("attribute.key")
def _attribute_key(text: str) -> None:
    with tracer.start_as_current_span("keys", attributes={text: 1}) as span:
        span.set_attribute(f"note.{text}", True)
        span.set_attribute(f"http.request.header.{text}", ["1"])


@SPANS("attribute.sequence")
def _attribute_sequence(text: str) -> None:
    with tracer.start_as_current_span("sequences") as span:
        span.set_attribute("clients", [text, "b"])
        span.set_attribute("http.request.method", ["GET", text])


@SPANS("attribute.nested")
def _attribute_nested(text: str) -> None:
    nested: Any = {"client": {"name": text, text: [text, {"deep": text}]}}
    with tracer.start_as_current_span("maps") as span:
        span.set_attribute("http.route", nested)
        span.set_attribute("details", nested)


@SPANS("attribute.bytes")
def _attribute_bytes(text: str) -> None:
    with tracer.start_as_current_span("bytes") as span:
        span.set_attribute("photo", text.encode())
        span.set_attribute("http.request.method", text.encode())


@SPANS("attribute.object")
def _attribute_object(text: str) -> None:
    class Client(str):
        __slots__ = ()

    with tracer.start_as_current_span("objects") as span:
        span.set_attribute("http.request.method", Client(text))
        span.set_attribute("client", Exception(text))  # type: ignore[arg-type]


@SPANS("event.name")
def _event_name(text: str) -> None:
    with tracer.start_as_current_span("events") as span:
        span.add_event(text)
        span.add_event(f"called {text}")


@SPANS("event.attribute")
def _event_attribute(text: str) -> None:
    with tracer.start_as_current_span("events") as span:
        span.add_event("note saved", {"by": text, text: "by", "exception.message": text, "exception.type": text})
        span.add_event("exception", {"exception.stacktrace": f"Traceback\n  {text}", "exception.escaped": text})


@SPANS("exception.message")
def _exception_message(text: str) -> None:
    with contextlib.suppress(ValueError), tracer.start_as_current_span("raises"):
        raise ValueError(text)


@SPANS("exception.formatted")
def _exception_formatted(text: str) -> None:
    with contextlib.suppress(ClientNotFoundError), tracer.start_as_current_span("raises"):
        raise ClientNotFoundError(f"no client {text}")


@SPANS("exception.cause")
def _exception_cause(text: str) -> None:
    with contextlib.suppress(RuntimeError), tracer.start_as_current_span("raises"):
        try:
            int(text)
        except ValueError as error:
            raise RuntimeError("a number was expected") from error


@SPANS("exception.context")
def _exception_context(text: str) -> None:
    with contextlib.suppress(KeyError), tracer.start_as_current_span("raises"):
        try:
            {"b": 1}[text]
        except KeyError:
            {"a": 1}[text + "2"]


@SPANS("exception.note")
def _exception_note(text: str) -> None:
    with contextlib.suppress(RuntimeError), tracer.start_as_current_span("raises"):
        error = RuntimeError("the clinic is closed")
        error.add_note(f"while saving {text}")
        raise error


@SPANS("exception.group")
def _exception_group(text: str) -> None:
    group = ExceptionGroup(f"several of {text}", [ValueError(text), ExceptionGroup("inner", [KeyError(text)])])
    with contextlib.suppress(ExceptionGroup), tracer.start_as_current_span("raises"):
        raise group


@SPANS("exception.type", KEY_VARIANTS)
def _exception_type(text: str) -> None:
    with tracer.start_as_current_span("raises") as span:
        span.record_exception(type(text, (Exception,), {"__qualname__": text, "__module__": text})("failed"))


@SPANS("exception.recorded")
def _exception_recorded(text: str) -> None:
    with tracer.start_as_current_span("raises") as span:
        span.record_exception(OSError(2, text, f"/home/{text}/notes"), {"client": text, text: 1})


@SPANS("exception.syntax")
def _exception_syntax(text: str) -> None:
    with contextlib.suppress(SyntaxError), tracer.start_as_current_span("raises"):
        compile(f"note = '{text}", f"{text}.py", "exec")


@SPANS("exception.code", KEY_VARIANTS)
def _exception_code(text: str) -> None:
    identifier = "".join(c if c.isalnum() else "_" for c in "f_" + text)
    scope: dict[str, object] = {}
    source = f"def {identifier}():\n    raise ValueError('{identifier}')\n"
    exec(compile(source, f"/home/{text}/{text}.py", "exec"), scope)  # noqa: S102 - code that no file proves
    with contextlib.suppress(ValueError), tracer.start_as_current_span("raises"):
        scope[identifier]()  # type: ignore[operator]


@SPANS("status.description")
def _status(text: str) -> None:
    with tracer.start_as_current_span("fails") as span:
        span.set_status(Status(StatusCode.ERROR, text))
    with tracer.start_as_current_span("fails") as span:
        span.set_status(StatusCode.ERROR, f"failed for {text}")


@SPANS("link.attribute")
def _link_attribute(text: str) -> None:
    context = SpanContext(0x0123456789ABCDEF0123456789ABCDEF, 0x0123456789ABCDEF, is_remote=True)
    links = [Link(context, {"from": text, text: "from", "messaging.message.id": text})]
    with tracer.start_as_current_span("linked", links=links) as span:
        span.add_link(context, {"later": text})


@SPANS("trace_state", KEY_VARIANTS)
def _trace_state(text: str) -> None:
    member = "".join(c for c in text.lower() if c.isascii() and c.isalnum()) or "x" + text.encode().hex()[:200]
    state = TraceState([(f"a{member}"[:255], "1"), ("vendor", member[:200])])
    remote = SpanContext(0x11, 0x12, is_remote=True, trace_flags=TraceFlags(1), trace_state=state)
    parent = trace.set_span_in_context(trace.NonRecordingSpan(remote))
    with tracer.start_as_current_span("child", context=parent, links=[Link(remote)]):
        pass


@SPANS("scope.name", KEY_VARIANTS)
def _scope_name(text: str) -> None:
    trace.get_tracer(text).start_span("scoped").end()


@SPANS("scope.rest")
def _scope_rest(text: str) -> None:
    other = trace.get_tracer(
        __name__, text, schema_url=f"https://{text}.example/schema", attributes={"client": text, text: "client"}
    )
    other.start_span("scoped").end()


@SPANS("thread.name", KEY_VARIANTS)
def _thread_name(text: str) -> None:
    def work() -> None:
        with tracer.start_as_current_span("in a thread") as span:
            span.set_attribute("thread.name", threading.current_thread().name)

    thread = threading.Thread(target=work, name=f"sync-{text}")
    thread.start()
    thread.join()
