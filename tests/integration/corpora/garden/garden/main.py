import asyncio
import inspect
import logging
import sys

logging.basicConfig(stream=sys.stderr, level=logging.DEBUG)
logging.captureWarnings(True)

from opentelemetry import trace  # noqa: E402

from garden import fail, rest, talk  # noqa: E402

tracer = trace.get_tracer("garden.main")


def main():
    only = sys.argv[1:]
    for module in (talk, fail, rest):
        for function in module.IDIOMS:
            name = [n for n, f in vars(module).items() if f is function][0]
            if only and name not in only:
                continue
            try:
                with tracer.start_as_current_span("chore"):
                    result = function()
                    if inspect.isawaitable(result):
                        asyncio.run(result)
            except BaseException as exc:
                print(name, type(exc).__name__, ascii(str(exc))[:150], flush=True)
            else:
                print(name, "ok", flush=True)


if __name__ == "__main__":
    main()
