"""A program that puts a canary into every place that sentry-sdk can pick one up from.

`python sentry_plants.py MODE SEED URL`: MODE is `stock` (it calls `sentry_sdk.init` as a team would), `guarded` (under
the distribution, no line about Sentry) or `own` (under the distribution, with an `init` of its own that asks for
everything). It prints the names of the places, one a line.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import logging
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import httpx
import sentry_sdk
from fastapi import FastAPI, Form, Request
from fastapi.testclient import TestClient
from opentelemetry import trace
from sentry_sdk.envelope import Envelope, Item, PayloadRef
from sqlalchemy import create_engine, text

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

SOURCE_LINE = "sourceline5c1canary"
PLANTS: dict[str, Callable[[Callable[[str], str]], None]] = {}
logger = logging.getLogger("plants")


def canary(seed: str, place: str) -> str:
    """The canary of a place: a word that stands nowhere else."""
    return "cnry" + hashlib.sha256(f"{seed}/{place}".encode()).hexdigest()[:14]


def plant(function: Callable[[Callable[[str], str]], None]) -> Callable[[Callable[[str], str]], None]:
    """Register a plant."""
    PLANTS[function.__name__] = function
    return function


def raised(make: Callable[[], Any]) -> None:
    """Capture what `make` raises."""
    try:
        make()
    except BaseException as error:
        sentry_sdk.capture_exception(error)


def throw(error: BaseException) -> None:
    raise error


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


@plant
def sql(c: Callable[[str], str]) -> None:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        connection.execute(text(f"SELECT '{c('sql literal')}'"))
        connection.execute(text("SELECT :name"), {"name": c("sql parameter")})
        connection.execute(text(f"SELECT 1 -- {c('sql comment')}"))
        raised(lambda: connection.execute(text(f"SELECT {c('sql column')} FROM nowhere")))
        raised(lambda: connection.execute(text("SELECT :a FROM nowhere"), {"a": c("failed sql parameter")}))


@plant
def calls(c: Callable[[str], str]) -> None:
    with contextlib.suppress(Exception):
        httpx.post(f"{URL}/path/{c('called path')}?a={c('called query')}", headers={"x-patient": "1"})
    with contextlib.suppress(Exception):
        subprocess.run(["true", c("subprocess argument")], check=False)
    raised(lambda: 1 / 0)


def application(c: Callable[[str], str]) -> FastAPI:
    app = FastAPI()

    @app.post("/json/{name}")
    async def json_body(name: str, request: Request) -> None:
        await request.json()
        raise ValueError(f"bad {name}")

    @app.post("/form")
    async def form_body(patient: Annotated[str, Form()]) -> None:
        raise ValueError(patient)

    @app.get("/called")
    async def called() -> None:
        async with httpx.AsyncClient() as client:
            await client.post(f"{URL}/outgoing")
        raise ValueError("x")

    @app.get("/task")
    async def task() -> None:
        async def fail() -> None:
            raise ValueError(c("task"))

        await asyncio.gather(asyncio.create_task(fail()), return_exceptions=False)

    @app.get("/boom")
    async def boom() -> None:
        raise ValueError("boom")

    return app


@plant
def requests(c: Callable[[str], str]) -> None:
    with TestClient(application(c), raise_server_exceptions=False) as client:
        client.cookies.set("session", c("cookie"))
        headers = {
            "authorization": c("authorization header"),
            "x-patient": c("custom header"),
            "user-agent": c("user agent"),
            "referer": f"http://h/{c('referer')}",
            "x-forwarded-for": c("client address"),
            "content-type": f"application/json; patient={c('content type parameter')}",
            "baggage": f"patient={c('baggage')},sentry-release={c('sentry baggage')},sentry-trace_id={'a' * 32}",
            "tracestate": f"patient={c('trace state')}",
            "sentry-trace": f"{'a' * 32}-{'b' * 16}-1",
        }
        client.post(f"/json/{c('path')}?patient={c('query')}", json={"note": c("json body")}, headers=headers)
        client.post("/form", data={"patient": c("form body")})
        client.post(
            "/form", data={"patient": c("multipart field")}, files={"f": (c("uploaded name"), c("uploaded file"))}
        )
        client.get("/called", headers=headers)
        client.get("/task", headers={"host": c("host header")})
        client.get(f"/nowhere/{c('unknown path')}")
        client.get("/boom", headers={"content-type": f"text/{c('content type')}"})


@plant
def start_up(c: Callable[[str], str]) -> None:
    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        raise RuntimeError(f"no database {c('start-up')}")
        yield

    with contextlib.suppress(Exception), TestClient(FastAPI(lifespan=lifespan)):
        pass


@plant
def threads(c: Callable[[str], str]) -> None:
    def fail(patient: str) -> None:
        raise ValueError(f"thread {patient}")

    thread = threading.Thread(target=fail, args=(c("thread error"),), name=c("thread name"))
    thread.start()
    thread.join()
    with trace.get_tracer(__name__).start_as_current_span(c("otel span name")) as span:
        span.set_attribute("patient", c("otel attribute"))
        raised(lambda: 1 / 0)


def init(mode: str, c: Callable[[str], str]) -> None:
    """Start the client that the mode asks for."""
    wanted: dict[str, Any] = {"traces_sample_rate": 1.0, "enable_logs": True, "release": "plants@1.0"}
    if mode == "own":

        def before_send(event: Any, _hint: Any) -> Any:
            return event | {"server_name": c("before_send"), "extra": {"a": c("before_send extra")}}

        wanted |= {"send_default_pii": True, "spotlight": f"{URL}/spotlight", "before_send": before_send}
        wanted |= {"server_name": c("server name option"), "dist": c("dist option"), "attach_stacktrace": True}
        wanted |= {"max_request_body_size": "always", "profiles_sample_rate": 1.0}
    if mode != "guarded":
        sentry_sdk.init(os.environ["SENTRY_DSN"], **wanted)


def main(mode: str, seed: str) -> None:
    """Plant everything, send it, and say what was planted."""
    planted: list[str] = []

    def c(place: str) -> str:
        if place not in planted:
            planted.append(place)
        return canary(seed, place)

    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    init(mode, c)
    for function in PLANTS.values():
        function(c)
    sentry_sdk.flush(20)
    sys.stdout.write("\n".join(planted) + "\n")


if __name__ == "__main__":
    URL = sys.argv[3]
    main(sys.argv[1], sys.argv[2])
