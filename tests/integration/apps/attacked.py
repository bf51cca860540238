"""Says invented words by ways that no instrumentation foresees: hooks, ended spans, sockets, clients by hand.

Prints nothing of its own; its argument names a JSON file, `{place: [word, …]}`, of what to say where.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import logging
import sys
import threading
import time
import uuid
import warnings
from pathlib import Path
from typing import Any

import sentry_sdk
from fastapi import FastAPI, WebSocket
from opentelemetry import _logs, metrics, trace
from opentelemetry._logs import LogRecord
from opentelemetry.trace import SpanContext, StatusCode
from sentry_sdk.envelope import Envelope, Item, PayloadRef

tracer, log = trace.get_tracer(__name__), logging.getLogger("clinic")
ITEMS = ("feedback", "profile_chunk", "replay_event", "session", "statsd", "check_in", "span", "log", "unknown")


def after_the_end(word: str) -> None:
    """All that can be called on a span that has ended."""
    span = tracer.start_span("ended")
    span.end()
    span.add_event(word, {word: word})
    span.add_link(SpanContext(1, 2, True), {"messaging.message.id": word})
    span.set_attribute("error.type", word)
    span.record_exception(ValueError(word))
    span.set_status(StatusCode.ERROR, word)
    span.update_name(word)


def scopes(word: str) -> None:
    """Names, versions, schemas and attributes of scopes."""
    trace.get_tracer(word, word, schema_url=word, attributes={"k": word}).start_span("scoped").end()
    scoped = _logs.get_logger(word, word, schema_url=word, attributes={"k": word})
    scoped.emit(LogRecord(body="scoped line", event_name=word, severity_text=word))
    metrics.get_meter(word, word, schema_url=word).create_counter("scoped.lines", "1", word).add(1)


def hooks(word: str) -> None:
    """Exceptions and warnings that only the interpreter sees."""

    class Finalised:
        def __del__(self) -> None:
            raise ValueError(word)

    def fail() -> None:
        raise ValueError(word)

    thread = threading.Thread(target=fail, name=word)
    thread.start()
    thread.join()
    Finalised()
    gc.collect()
    try:
        fail()
    except ValueError:
        sys.excepthook(*sys.exc_info())
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(word, stacklevel=1)
        warnings.warn_explicit(word, UserWarning, word, 3)


def loop(word: str) -> None:
    """Lost tasks, slow callbacks and handlers of an event loop in debug mode."""

    async def fail() -> None:
        raise ValueError(word)

    async def slow() -> None:
        end = time.monotonic() + 0.01
        while time.monotonic() < end:
            pass

    async def main() -> None:
        asyncio.get_running_loop().slow_callback_duration = 0.001
        lost = asyncio.create_task(fail(), name=word)
        await asyncio.sleep(0)
        del lost
        gc.collect()
        await asyncio.create_task(slow(), name=word)
        asyncio.get_running_loop().call_exception_handler({"message": word, "exception": ValueError(word), word: word})

    asyncio.run(main(), debug=True)


def socket(word: str) -> None:
    """Close reasons, subprotocols, headers and paths of a WebSocket."""
    app = FastAPI()

    @app.websocket("/sockets/{who}")
    async def serve(socket: WebSocket) -> None:
        await socket.accept(subprotocol=word, headers=[(b"x-client", word.encode())])
        await socket.close(code=4001, reason=word)

    received: list[dict[str, Any]] = [{"type": "websocket.connect"}]
    headers = [(b"sec-websocket-protocol", word.encode()), (b"user-agent", word.encode())]
    scope = {"type": "websocket", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "ws", "root_path": ""}
    scope |= {"path": f"/sockets/{word}", "raw_path": b"/", "query_string": word.encode(), "headers": headers}
    scope |= {"client": (word, 1), "server": ("localhost", 80), "subprotocols": [word], "state": {}}

    async def receive() -> dict[str, Any]:
        return received.pop() if received else {"type": "websocket.disconnect", "code": 4009, "reason": word}

    async def send(_: Any) -> None:
        pass

    asyncio.run(app(scope, receive, send))


def sentry(word: str) -> None:
    """Scopes, attachments, check-ins, metrics, logs and items of Sentry's that are made by hand."""
    with sentry_sdk.new_scope() as scope:
        scope.set_tag(word, word)
        scope.set_context(word, {word: word})
        scope.set_user({"id": word, word: word})
        scope.add_attachment(bytes=word.encode(), filename=word)
        scope.fingerprint = [word]
        scope.set_transaction_name(word, source=word)
        sentry_sdk.add_breadcrumb(category=word, message=word, data={word: word}, type=word, level=word)
        sentry_sdk.capture_message(word)
    with contextlib.suppress(ValueError), sentry_sdk.monitor(monitor_slug=word):
        raise ValueError(word)
    sentry_sdk.metrics.count(word, 1, unit=word, attributes={word: word})
    sentry_sdk.logger.error("lost {name}", name=word, attributes={word: word})
    with sentry_sdk.start_transaction(name=word, op=word), sentry_sdk.start_span(op=word, name=word) as span:
        span.set_data(word, word)
    for kind in ITEMS:
        envelope = Envelope(headers={"event_id": uuid.uuid4().hex, "trace": {"transaction": word}, word: word})
        payload = {"contexts": {"feedback": {"message": word}}, "items": [{"body": word}], "name": word}
        envelope.add_item(Item(payload=PayloadRef(json=payload), type=kind, headers={"filename": word}))
        sentry_sdk.get_client().transport.capture_envelope(envelope)


PLACES = {place.__name__: place for place in (after_the_end, scopes, hooks, loop, socket, sentry)}

if __name__ == "__main__":
    logging.captureWarnings(capture=True)
    for name, words in json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")).items():
        for said in words:
            PLACES[name](said)
    log.warning("everything was said")
    for provider in (trace.get_tracer_provider(), metrics.get_meter_provider(), _logs.get_logger_provider()):
        provider.force_flush()  # type: ignore[attr-defined]
    sentry_sdk.flush(5)
