"""Every kind of request, each under a trace of its own.

`python lean_cases.py` serves them in memory, one after another, and flushes. The trace's id is the case's number.
"""

from __future__ import annotations

import asyncio
from typing import Any

from opentelemetry import _logs, metrics, trace

from tests.integration.apps.in_memory import ask
from tests.integration.apps.lean_application import HEADERS, TOUCHES, Base, app, database, rooted

CASES: list[tuple[Any, str, str, dict[str, Any]]] = [
    (app, "GET", "/plain", {}),
    (app, "GET", "/plain", {"query_string": b"name=Dvora"}),
    (app, "GET", "/plain", {"http_version": "2"}),
    (app, "GET", "/plain", {"scheme": "https", "server": ("10.0.0.7", 443)}),
    (app, "GET", "/plain", {"server": None, "client": None}),
    (app, "GET", "/plain", {"headers": [(b"x-refused", b"yes")]}),
    (app, "GET", "/plain", {"headers": [(b"baggage", b"name=Dvora"), (b"tracestate", b"name=Dvora")]}),
    (app, "GET", "/plain", {"is_traced": False}),
    *((app, method, "/any", {}) for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")),
    (app, "BREW", "/any", {}),
    (app, "POST", "/plain", {}),
    (app, "GET", "/sync", {}),
    (app, "GET", "/api/v1/clients/Dvora", {}),
    (app, "POST", "/api/v1/clients/Dvora/notes", {"body": b'{"text": "sleeps badly"}'}),
    (app, "POST", "/api/v1/clients/Dvora/notes", {"body": b"{"}),
    (app, "GET", "/nowhere/Dvora", {}),
    (app, "GET", "/plain/", {}),
    (app, "GET", "/error", {}),
    (app, "GET", "/handled", {}),
    (app, "GET", "/http-error/404", {}),
    (app, "GET", "/http-error/500", {}),
    (app, "GET", "/stream", {}),
    (app, "GET", "/stream", {"query_string": b"broken=true"}),
    (app, "GET", "/background", {}),
    (app, "GET", "/background-error", {}),
    *((app, "GET", f"/touched/{what}", {}) for what in TOUCHES),
    *((app, "GET", f"/database/{what}", {}) for what in ("orm", "commented", "many", "error", "unhandled")),
    (app, "GET", "/thread-database", {}),
    (app, "", "/live/Dvora", {}),
    (app, "", "/live/broken", {}),
    (app, "", "/nowhere", {}),
    (app, "GET", "/nested", {}),
    (app, "GET", "/fast/inside/1", {}),
    (app, "GET", "/fast/nowhere", {}),
    (app, "GET", "/static/lean_cases.py", {}),
    (app, "GET", "/static/nothing", {}),
    (app, "GET", "/star/leaf/Dvora", {}),
    (app, "GET", "/star/deep/", {}),
    (rooted, "GET", "/rooted", {}),
    (app, "GET", "/health", {}),
    (app, "GET", "/metrics", {}),
]


async def served(
    application: Any, method: str, path: str, options: dict[str, Any], *, traceparent: str | None = None
) -> None:
    """Serve one case, under a trace if one is given."""
    more = dict(options)
    headers = [*HEADERS, *more.pop("headers", [])]
    if more.pop("is_traced", True) and traceparent is not None:
        headers.append((b"traceparent", traceparent.encode()))
    if "body" in more:
        headers += [(b"content-length", str(len(more["body"])).encode()), (b"content-type", b"application/json")]
    await ask(application, method, path, headers=headers, said="Dvora", **more)


async def main() -> None:
    """Serve every case, each under the trace of its number."""
    async with database.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    for number, case in enumerate(CASES):
        await served(*case, traceparent=f"00-{number + 1:032x}-b7ad6b7169203331-01")
    await database.dispose()


if __name__ == "__main__":
    asyncio.run(main())
    for provider in (trace.get_tracer_provider(), metrics.get_meter_provider(), _logs.get_logger_provider()):
        provider.force_flush()  # type: ignore[union-attr]
