import asyncio
import inspect
import logging
import sys

import structlog
from opentelemetry import trace

logging.basicConfig(level=logging.DEBUG, format="%(asctime)s %(levelname)s %(name)s %(message)s", force=False)
logging.captureWarnings(True)
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.filter_by_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.processors.format_exc_info,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)

from stalls import libs, say, spans, throw, web  # noqa: E402

tracer = trace.get_tracer("stalls.main")


def run(function):
    try:
        with tracer.start_as_current_span("scene"):
            result = function()
            if inspect.isawaitable(result):
                asyncio.run(result)
    except BaseException as exc:  # noqa: BLE001
        print(function.__name__, type(exc).__name__, str(exc).splitlines()[:1], flush=True)
    else:
        print(function.__name__, "ok", flush=True)


def main():
    only = sys.argv[1:]
    for module in (say, libs, throw, spans, web):
        for function in module.IDIOMS:
            if not only or function.__name__ in only:
                run(function)


if __name__ == "__main__":
    main()
