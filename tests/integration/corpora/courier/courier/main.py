import asyncio
import inspect
import logging.config
import sys

import structlog
from opentelemetry import trace
from pythonjsonlogger.json import JsonFormatter

logging.config.dictConfig(
    {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": JsonFormatter, "format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json", "stream": "ext://sys.stderr"}},
        "root": {"level": "DEBUG", "handlers": ["console"]},
    }
)
logging.captureWarnings(True)
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(),
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
)

from courier import api, db, library_idioms, log_idioms, raise_idioms, trace_idioms  # noqa: E402

tracer = trace.get_tracer(__name__)


def run(function):
    try:
        with tracer.start_as_current_span("operation"):
            result = function()
            if inspect.iscoroutine(result):
                asyncio.run(result)
    except BaseException as exc:  # noqa: BLE001
        print(function.__name__, type(exc).__name__, exc)
    else:
        print(function.__name__, "ok")


def main():
    db.setup()
    only = sys.argv[1:]
    for module in (log_idioms, library_idioms, raise_idioms, trace_idioms, db, api):
        for function in module.IDIOMS:
            if not only or function.__name__ in only:
                run(function)


if __name__ == "__main__":
    main()
