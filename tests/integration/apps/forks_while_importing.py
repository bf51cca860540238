"""Fork while another thread imports what its first export needs; the child has to export too.

Arguments: the module at whose import the fork happens, as part of a larger one's; and `sentry` or `otlp`.
"""

from __future__ import annotations

import faulthandler
import importlib
import os
import sys
import threading
import time

import pazpaz_otel

importing = threading.Event()


def hold(event: str, arguments: tuple[object, ...]) -> None:
    """Take time for the import, outside the main thread: an audit hook, since a fork waits for finders."""
    if event == "import" and arguments[0] == sys.argv[1] and threading.current_thread() is not threading.main_thread():
        importing.set()
        time.sleep(0.3)


def main() -> int:
    """Export in a thread, fork meanwhile, and return the child's exit code."""
    sys.addaudithook(hold)
    pazpaz_otel.configure()
    from opentelemetry import trace

    provider = trace.get_tracer_provider()

    def export() -> None:
        if sys.argv[2] == "sentry":
            import sentry_sdk

            sentry_sdk.capture_exception(ValueError("Clinic is closed"))
            sentry_sdk.flush(20)
        else:
            provider.force_flush()  # type: ignore[attr-defined]

    trace.get_tracer("app").start_span("of the parent").end()
    threading.Thread(target=export, daemon=True).start()
    if not importing.wait(20):
        return 3
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    faulthandler.dump_traceback_later(20, exit=True)
    importlib.import_module("encodings.idna")
    importlib.import_module("urllib3")
    trace.get_tracer("app").start_span("of the child").end()
    export()
    return 0


if __name__ == "__main__":
    sys.exit(main())
