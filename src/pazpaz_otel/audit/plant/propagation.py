"""Plant on calls to other services, on the baggage and trace state that are sent with them, and in Redis commands."""

from __future__ import annotations

import contextlib
import ssl
from typing import Final

from opentelemetry import baggage, context, propagate, trace
from opentelemetry.trace import SpanContext, TraceFlags, TraceState

from pazpaz_otel.audit.plant.registry import NARROW, Surfaces, optional

_UNENCRYPTED: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
# Without one, each call reads the file of authorities that SSL_CERT_FILE names, longer than all else that it does.


def propagation(downstream: str) -> Surfaces:
    """Return the surfaces of propagation."""
    surfaces = Surfaces("propagation")
    httpx = optional("httpx")
    tracer = trace.get_tracer(__name__)

    def call(text: str, *, within: context.Context) -> None:
        token = context.attach(within)
        try:
            if httpx is not None:
                httpx.get(f"{downstream}/called", verify=_UNENCRYPTED)
            else:
                # Without httpx, plant what an instrumented client would send.
                headers: dict[str, str] = {}
                propagate.inject(headers)
                with tracer.start_as_current_span("call") as span:
                    span.set_attribute("http.request.header.baggage", [f"{headers} {text}"])
        finally:
            context.detach(token)

    @surfaces("baggage.value", NARROW)
    def _baggage_value(text: str) -> None:
        call(text, within=baggage.set_baggage("workspace", text, baggage.set_baggage("user.id", text)))

    @surfaces("baggage.key", NARROW)
    def _baggage_key(text: str) -> None:
        key = "".join(c if c.isascii() and c.isalnum() else "_" for c in text)
        call(text, within=baggage.set_baggage(f"{key}{text.encode().hex()[:64]}", "1"))

    @surfaces("baggage.read", NARROW)
    def _baggage_read(text: str) -> None:
        carrier = {"baggage": f"client={text.encode().hex()},{text}=1,=,{text};{text}", "tracestate": f"{text}=1,=,"}
        call(text, within=propagate.extract(carrier))

    @surfaces("trace_state", NARROW)
    def _trace_state(text: str) -> None:
        state = TraceState([("vendor", text.encode().hex()[:200]), (f"a{text.encode().hex()[:200]}", "1")])
        remote = SpanContext(0x21, 0x22, is_remote=True, trace_flags=TraceFlags(1), trace_state=state)
        call(text, within=trace.set_span_in_context(trace.NonRecordingSpan(remote)))

    return surfaces


def outgoing(downstream: str) -> Surfaces:
    """Return the surfaces of a call with httpx; none if it isn't installed."""
    surfaces = Surfaces("httpx")
    httpx = optional("httpx")
    if httpx is None:
        return surfaces

    @surfaces("url", NARROW)
    def _url(text: str) -> None:
        text = " ".join(text.split())
        host = downstream.removeprefix("http://")
        url = f"http://{text.encode().hex()[:40]}:secret@{host}/clients/{text}"
        httpx.get(url, params={"name": text, text: 1}, verify=_UNENCRYPTED)

    @surfaces("headers", NARROW)
    def _headers(text: str) -> None:
        # A header is one line.
        line = " ".join(text.split()).encode()
        headers = {"User-Agent": line, "X-Client": line, "Cookie": b"name=" + line}
        httpx.post(f"{downstream}/called", headers=headers, json={"client": text}, verify=_UNENCRYPTED)

    @surfaces("host", ("identifier", "hex", "plain"))
    def _host(text: str) -> None:
        label = "".join(c if c.isalnum() else "-" for c in text)[:60].strip("-")
        try:
            httpx.get(f"http://{label}.invalid/", timeout=0.5, verify=_UNENCRYPTED)
        except (httpx.HTTPError, httpx.InvalidURL):
            return

    @surfaces("error", NARROW)
    def _error(text: str) -> None:
        try:
            httpx.get(f"http://127.0.0.1:1/clients/{' '.join(text.split())}", timeout=0.5, verify=_UNENCRYPTED)
        except httpx.HTTPError:
            return

    return surfaces


def stores() -> Surfaces:
    """Return the surfaces of Redis; none if its client isn't installed.

    The commands fail because no server runs; the instrumentation still creates their spans.
    """
    surfaces, redis = Surfaces("redis"), optional("redis")
    if redis is None:
        return surfaces
    client = redis.Redis(host="127.0.0.1", port=1, socket_connect_timeout=0.2, retry=None)

    @surfaces("command", NARROW)
    def _command(text: str) -> None:
        for command in (
            ("SET", f"client:{text}", text),
            ("GET", text),
            (text, "key"),
            ("EVAL", f"return '{text}'", 0),
            ("HSET", "clients", text, text),
        ):
            with contextlib.suppress(redis.RedisError):
                client.execute_command(*command)

    @surfaces("pipeline", NARROW)
    def _pipeline(text: str) -> None:
        with contextlib.suppress(redis.RedisError), client.pipeline() as pipe:
            pipe.set(text, text)
            pipe.execute_command(text)
            pipe.execute()

    return surfaces
