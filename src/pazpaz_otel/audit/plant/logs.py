"""Plant on log records of the standard library, the Logs API and structlog."""

from __future__ import annotations

import contextlib
import logging
import warnings
from typing import Any

from opentelemetry._logs import LogRecord, SeverityNumber, get_logger

from pazpaz_otel.audit.canaries import KEY_VARIANTS
from pazpaz_otel.audit.plant.registry import Surfaces, optional

LOGS = Surfaces("log")
# An application's name: the distribution handles its own loggers differently.
logger = logging.getLogger("practice.notes")
otel_logger = get_logger(__name__)


@LOGS("message")
def _message(text: str) -> None:
    logger.warning(text)
    logger.info(f"saved the note of {text}")  # noqa: G004 - what applications do
    logger.info("saved " + text)  # noqa: G003 - what applications do
    logger.info("saved {}".format(text))  # noqa: G001, UP032 - what applications do


@LOGS("args")
def _args(text: str) -> None:
    logger.info("saved the note of %s", text)
    logger.info("saved %(name)s", {"name": text})
    logger.info("saved %s and %r", [text], {"name": text})


@LOGS("args.wrong")
def _args_wrong(text: str) -> None:
    raising, logging.raiseExceptions = logging.raiseExceptions, False
    try:
        with contextlib.suppress(TypeError):  # the stock handlers raise it into the application
            logger.info("saved %d of %s", text)  # noqa: PLE1206 - a mistake that applications make
        with contextlib.suppress(TypeError):
            logger.info("saved", text)  # noqa: PLE1205 - a mistake that applications make
        with contextlib.suppress(TypeError, ValueError):
            logger.info("saved %z", text)
    finally:
        logging.raiseExceptions = raising


@LOGS("object")
def _object(text: str) -> None:
    logger.info({"event": text, text: 1})
    logger.info([text])
    logger.warning(ValueError(text))


@LOGS("extra.value")
def _extra_value(text: str) -> None:
    logger.info(
        "note saved", extra={"client": text, "http.route": text, "details": {"name": [text]}, "raw": text.encode()}
    )


@LOGS("extra.key", KEY_VARIANTS)
def _extra_key(text: str) -> None:
    logger.info("note saved", extra={text: 1, f"client.{text}": "x"})


@LOGS("exception")
def _exception(text: str) -> None:
    try:
        try:
            int(text)
        except ValueError as cause:
            raise RuntimeError(f"bad note {text}") from cause
    except RuntimeError as error:
        error.add_note(text)
        logger.exception("could not save")
        logger.exception(text, exc_info=error)


@LOGS("stack")
def _stack(text: str) -> None:
    logger.warning("slow %s", text, stack_info=True)


@LOGS("logger.name", KEY_VARIANTS)
def _logger_name(text: str) -> None:
    child = logging.getLogger(f"clients.{text}")
    child.setLevel(logging.INFO)
    child.info("note saved")


@LOGS("level.name", KEY_VARIANTS)
def _level_name(text: str) -> None:
    logging.addLevelName(35, text)
    logger.log(35, "note saved")
    logging.addLevelName(35, "Level 35")


@LOGS("record")
def _record(text: str) -> None:
    record = logging.LogRecord(text, logging.ERROR, f"/home/{text}/a.py", 1, text, (), None, func=text, sinfo=text)
    record.threadName = record.processName = record.module = text
    logger.handle(record)


@LOGS("adapter")
def _adapter(text: str) -> None:
    logging.LoggerAdapter(logger, {"client": text}).info("note saved")


@LOGS("warning")
def _warning(text: str) -> None:
    logging.captureWarnings(capture=True)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(f"deprecated for {text}", stacklevel=1)
    logging.captureWarnings(capture=False)


@LOGS("foreign")
def _foreign(text: str) -> None:
    logging.getLogger("uvicorn.access").info(
        '%s - "%s %s HTTP/%s" %d', "10.1.2.3:5", "GET", f"/clients/{text}", "1.1", 200
    )
    logging.getLogger("sqlalchemy.engine.Engine").info("[cached since 0.1s ago] %r", (text,))
    logging.getLogger("httpx").info(
        'HTTP Request: GET %s "%s %d %s"', f"https://a.example/{text}", "HTTP/1.1", 200, "OK"
    )
    logging.getLogger("opentelemetry.sdk").warning("Failed to encode %s", text)


@LOGS("api.body")
def _api_body(text: str) -> None:
    for body in (text, f"saved {text}", {"client": text, text: [text]}, [text], text.encode()):
        otel_logger.emit(LogRecord(body=body, severity_number=SeverityNumber.INFO))


@LOGS("api.rest")
def _api_rest(text: str) -> None:
    attributes: dict[str, Any] = {"client": text, text: {"deep": text}, "http.route": text}
    otel_logger.emit(LogRecord(event_name=text, severity_text=text, body="note saved", attributes=attributes))
    otel_logger.emit(LogRecord(body="note saved", exception=ValueError(text)))


@LOGS("scope", KEY_VARIANTS)
def _scope(text: str) -> None:
    get_logger(text).emit(LogRecord(body="note saved"))
    other = get_logger(__name__, text, schema_url=f"https://{text}.example", attributes={"client": text, text: 1})
    other.emit(LogRecord(body="note saved"))


@LOGS("structlog")
def _structlog(text: str) -> None:
    structlog = optional("structlog")
    if structlog is None:
        return
    log = structlog.get_logger("practice.notes")
    log.info("note_saved", client=text, details={"name": text})
    log.info(f"note saved {text}")  # noqa: G004 - what applications do
    log.bind(client=text).warning("note_saved", **{"client_" + "".join(c for c in text if c.isalnum()): 1})
    try:
        raise ValueError(text)  # noqa: TRY301 - an application's own
    except ValueError:
        log.exception("could_not_save")
