"""Writes a patient's name by every way of the standard library, structlog and loguru, formatted by them or not."""

from __future__ import annotations

import asyncio
import contextvars
import datetime as dt
import logging
import logging.config
import logging.handlers
import queue
import sys
import threading

import structlog
from loguru import logger

NAME = sys.argv[1]
NOW = contextvars.ContextVar("now", default=NAME)


class Writing(logging.Handler):
    """A handler that formats nothing."""

    def emit(self, record: logging.LogRecord) -> None:
        print("emitted", record.getMessage(), vars(record), record.exc_info)


class Overriding(logging.Handler):
    """A handler that takes a record itself."""

    def handle(self, record: logging.LogRecord) -> bool:
        print("handled", record.getMessage(), record.exc_info)
        return True


class Intercepting(logging.Handler):
    """A handler of loguru's documentation, which passes records to loguru."""

    def emit(self, record: logging.LogRecord) -> None:
        logger.opt(depth=6, exception=record.exc_info).log(record.levelname, record.getMessage())


class Propagating(logging.Handler):
    """The other handler of loguru's documentation, which passes lines to `logging`."""

    def emit(self, record: logging.LogRecord) -> None:
        logging.getLogger("clinic.propagated").handle(record)


class Marking(logging.Filter):
    """A filter of a handler that writes on the record."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.marked = NAME
        return hasattr(record, "factory")


def made(*args: object, **kwargs: object) -> logging.LogRecord:
    record = logging.LogRecord(*args, **kwargs)
    record.factory = NOW.get()
    return record


class Changing(str):
    """A text that says something else the second time."""

    __slots__ = ("times",)

    def __str__(self) -> str:
        self.times = getattr(self, "times", 0) + 1
        return "note saved" if self.times == 1 else NAME

    lower = __str__


def of_logging() -> None:
    logging.getLogger("clinic").info("note saved for %s", NAME)
    logging.getLogger("clinic").warning(f"no slot for {NAME}")  # noqa: G004 - what applications do
    logging.getLogger("clinic").info(NAME)
    logging.getLogger("clinic").info("note kept", extra={"client": NAME})
    logging.getLogger("clinic").info(Changing("INFO"))
    try:
        raise LookupError(NAME)
    except LookupError:
        logging.getLogger("clinic").exception("it failed")


def of_structlog() -> None:
    structlog.get_logger().info("note_placed", stack_info=True)


logging.setLogRecordFactory(made)
logging.config.dictConfig(
    {
        "version": 1,
        "formatters": {
            "plain": {"format": "%(levelname)s %(name)s %(message)s"},
            "fields": {"format": "%(levelname)s fields %(message)s %(client)s %(marked)s %(factory)s %(threadName)s"},
        },
        "handlers": {
            "out": {"class": "logging.StreamHandler", "formatter": "plain", "stream": "ext://sys.stdout"},
            "fields": {
                "class": "logging.StreamHandler",
                "formatter": "fields",
                "stream": "ext://sys.stdout",
                "filters": ["marking"],
            },
        },
        "filters": {"marking": {"()": Marking}},
        "root": {"handlers": ["out", "fields"], "level": "INFO"},
    }
)
kept: queue.Queue[logging.LogRecord] = queue.Queue()
logging.getLogger().addHandler(Writing())
logging.getLogger().addHandler(Overriding())
logging.getLogger().addHandler(logging.handlers.QueueHandler(kept))
logging.getLogger().addHandler(logging.StreamHandler(open("/dev/full", "w")))  # noqa: SIM115, PTH123
monkey = logging.Handler()
monkey.emit = lambda record: print("monkey", record.getMessage(), vars(record))
logging.getLogger().addHandler(monkey)
of_logging()

structlog.get_logger().info("note_saved", client=NAME)
structlog.get_logger().bind(client=NAME).warning("reminder_sent")
structlog.contextvars.bind_contextvars(client=NAME)
structlog.get_logger().info("note_opened")
structlog.configure(processors=[structlog.contextvars.merge_contextvars, structlog.processors.JSONRenderer()])
structlog.get_logger().info("note_closed")
structlog.contextvars.clear_contextvars()
asyncio.run(structlog.get_logger().ainfo("note_awaited", client=NAME))
held = structlog.get_logger().bind(client=NAME)
held.info("note_held")
with structlog.testing.capture_logs() as captured:
    held.info("note_captured")
print("captured", *(event["event"] for event in captured))
placed_by = structlog.processors.CallsiteParameterAdder()
stacked_by = structlog.processors.StackInfoRenderer()
structlog.configure(processors=[placed_by, stacked_by, structlog.processors.JSONRenderer()])
placing = threading.Thread(target=of_structlog, name=NAME)
placing.start()
placing.join()
made_by_data = compile("log.info('note_made')", f"/srv/{NAME}.py", "exec").replace(co_name=NAME, co_qualname=NAME)
exec(made_by_data, {"__name__": NAME, "log": structlog.get_logger()})


def of_formatter() -> None:
    """Log a line that a formatter of structlog's writes."""
    logging.getLogger("formatted").warning("note formatted", extra={"_record": 1})


def of_application(_logger: object, _method: str, event: dict[str, object]) -> dict[str, object]:
    """Add to an event what an application's own processors add and change."""
    now = dt.datetime.now(dt.UTC).isoformat()
    renamed = {"said": event.pop("event"), "severity": str(event.pop("level", "info")).upper(), "at": now}
    return {**event, **renamed, "client": NAME, NAME: "client", "level": NAME}


merging, adding = structlog.contextvars.merge_contextvars, structlog.stdlib.add_log_level
as_json = structlog.processors.JSONRenderer()
structlog.configure(processors=[adding, merging, of_application, as_json])
structlog.get_logger().warning("note_moved")
structlog.configure(
    processors=[adding, merging, lambda *given: {**given[2], "event": f"{NAME} {given[2]['event']}"}, as_json]
)
structlog.get_logger().warning("note_renamed")

KEYS = {"e11": "diabetes", "f32": "depression"}
SEVERITIES = {"level": "severity", "visit": "visits"}


def picking(_logger: object, _method: str, event: dict[str, object]) -> dict[str, object]:
    """Name a field by what data picks from a table, and rename others by one."""
    event[KEYS["f32" if NAME == "nobody" else NAME[:0] + "e11"]] = event["visit"]
    event[[*KEYS.values(), "asthma"][len(NAME) % 3]] = event["visit"]
    for before, after in SEVERITIES.items():
        event[after] = event.pop(before)
    return event


def needing(_logger: object, _method: str, event: dict[str, object]) -> dict[str, object]:
    """Need a field that is held back."""
    return {**event, "initial": str(event["client"])[0]}


structlog.configure(processors=[adding, picking, as_json])
structlog.get_logger().warning("note_picked", visit=7)
structlog.configure(processors=[needing, as_json])
structlog.get_logger().warning("note_needed", client=NAME)


class StackInfoRenderer:
    """A processor with the name of one of structlog's."""

    def __call__(self, _logger: object, _method: str, event: dict[str, object]) -> dict[str, object]:
        """Add a value, and a time with digits that are none."""
        now = dt.datetime.now(dt.UTC).isoformat()
        return {**event, "client": NAME, "at": f"{now[:19]}.305123456{now[-6:]}"}


class Watched:
    """A processor at which one thread looks for the first time while another logs."""

    def __init__(self) -> None:
        self.others: list[threading.Thread] = []

    @property
    def __module__(self) -> str:
        while self.others:
            other = self.others.pop()
            other.start()
            other.join()
        return __name__

    def __call__(self, _logger: object, _method: str, event: dict[str, object]) -> dict[str, object]:
        """Change nothing."""
        return event


structlog.configure(processors=[StackInfoRenderer(), as_json])
structlog.get_logger().warning("note_numbered", _record=NAME, _from_structlog=NAME)
watched = Watched()
structlog.configure(processors=[watched, as_json])
held = structlog.get_logger().bind()
watched.others.append(threading.Thread(target=lambda: held.info("note_raced")))
held.info("note_racing")
formatting = logging.StreamHandler(sys.stdout)
chain = [merging, adding, placed_by, of_application]
without = structlog.stdlib.ProcessorFormatter.remove_processors_meta
formatting.setFormatter(structlog.stdlib.ProcessorFormatter(processors=[without, as_json], foreign_pre_chain=chain))
logging.getLogger("formatted").addHandler(formatting)
logging.getLogger("formatted").propagate = False
placing = threading.Thread(target=of_formatter, name=NAME)
placing.start()
placing.join()

logger.info("early note for {}", NAME)
logger.remove()
logger.add(sys.stdout, format="plain {level} {name} {function} {message} {extra[client]}", diagnose=True)
logger.add(sys.stdout, serialize=True)
logger.add(lambda message: print("sink", message, message.record), filter=lambda record: "client" in record["extra"])
logger.add(sys.stdout, format=lambda record: "made {message} " + record["extra"].get("client", "") + "\n")
logger.add(sys.stdout, enqueue=True, colorize=True, format="queued <red>{message}</red>")
logger.add(Propagating(), format="{message}")
of_handler = logging.StreamHandler(sys.stdout)
logger.add(of_handler, format="standard {message}", enqueue=True)
logger.configure(patcher=lambda record: record["extra"].update(client=NAME, patched=NAME))
logger.info("sheet for {}", NAME)
logger.bind(client=NAME).success(f"sheet of {NAME}")
logger.opt(colors=True).info("sheet <red>red</red> {}", NAME)
logger.opt(raw=True).info("sheet raw {}\n", NAME)
with logger.contextualize(room=NAME):
    logger.log("WARNING", NAME)
try:
    raise LookupError(NAME)
except LookupError:
    logger.exception("sheet torn")


@logger.catch(message="sheet lost")
def lose(whose: str) -> None:
    raise ValueError(f"no sheet of {whose}")


lose(NAME)
logger.complete()

logger.remove()
logger.add(sys.stdout, format="passed {level} {name} {function} {message}")
logging.getLogger().handlers[:] = [Intercepting()]
of_logging()
logger.complete()
while not kept.empty():
    of_handler.handle(kept.get())
