import asyncio
import inspect
import logging
import logging.config
import sys

logging.config.dictConfig({
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(levelname)s %(name)s %(message)s"}},
    "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["out"], "level": "DEBUG"},
})
logging.captureWarnings(True)
from opentelemetry import trace  # noqa: E402

from ferry import boom, word  # noqa: E402

tracer = trace.get_tracer("ferry.main")


def main():
    for module in (word, boom):
        for function in module.IDIOMS:
            if sys.argv[1:] and function.__name__ not in sys.argv[1:]:
                continue
            try:
                with tracer.start_as_current_span("crossing"):
                    result = function()
                    if inspect.isawaitable(result):
                        asyncio.run(result)
            except BaseException as exc:
                print(function.__name__, type(exc).__name__, ascii(str(exc))[:120], flush=True)
            else:
                print(function.__name__, "ok", flush=True)


if __name__ == "__main__":
    main()
