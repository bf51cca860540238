"""Which instrumentations run, and how: the contrib packages, set lean.

The one place to change for others, or for our own.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

from opentelemetry.metrics import NoOpMeterProvider

from pazpaz_otel.integrations import asgi, stdlib_logging
from pazpaz_otel.otel.propagation import destination

if TYPE_CHECKING:
    from collections.abc import Iterable

    from opentelemetry.util._importlib_metadata import EntryPoint

    from pazpaz_otel.redact.guards import Guard

logger = logging.getLogger(__name__)

STANDARD: Final = ("fastapi", "sqlalchemy", "redis", "httpx", "logging", "threading")
"""The instrumentations that `configure()` starts, by entry point name, where their library is installed."""

# Probes and scrapes are not the application's traffic.
_EXCLUDED_URLS: Final = (r"^\w+://[^/]+/(api/v1/)?health(/(live|ready))?/?(\?.*)?$", r"^\w+://[^/]+/metrics/?(\?.*)?$")


def load(entry_point: EntryPoint, guard: Guard, *, lean: bool, excluded_urls: str = "", **kwargs: Any) -> None:
    """Starts the instrumentation of one entry point.

    Args:
        entry_point: of the group `opentelemetry_instrumentor`.
        guard: gets the evidence that the instrumentation meets.
        lean: whether to leave out the spans that nobody reads; else the instrumentation runs as it comes.
        excluded_urls: the user's own, as `OTEL_PYTHON_FASTAPI_EXCLUDED_URLS` has them.
        kwargs: for the instrumentor.
    """
    prepare = _PREPARED.get(entry_point.name)
    if prepare is not None:
        kwargs = {**prepare(guard, lean, excluded_urls), **kwargs}
    instrumentor = entry_point.load()()
    instrumentor.instrument(**kwargs)
    if entry_point.name == "sqlalchemy" and lean:
        _without_connect_spans()


def quiet_version_check() -> None:
    """Keeps the auto-instrumentation from reporting what is no fault here.

    SQLAlchemy 2.1, which it leaves out, is started all the same, and another distribution that lost to this one was
    meant to lose. `pazpaz-otel doctor` names the instrumentations that were left out, and other distributions.
    """
    logging.getLogger("opentelemetry.instrumentation.auto_instrumentation._load").addFilter(
        lambda record: record.funcName != "_log" and not _lost(record)
    )


def _lost(record: logging.LogRecord) -> bool:
    return record.funcName == "_load_configurators" and record.levelno == logging.WARNING


def _fastapi(guard: Guard, lean: bool, excluded_urls: str) -> dict[str, Any]:
    from pazpaz_otel.integrations.starlette import RequestsInProgress, watch_applications  # noqa: PLC0415

    watch_applications(guard)
    RequestsInProgress(guard).install()
    if lean:
        asgi.fast_headers()
        asgi.fast_routes()
    return {"excluded_urls": _with_probes(excluded_urls), **({"exclude_spans": ["send", "receive"]} if lean else {})}


def _starlette(guard: Guard, _: bool, excluded_urls: str) -> dict[str, Any]:
    from pazpaz_otel.integrations.starlette import watch_applications  # noqa: PLC0415

    watch_applications(guard)
    return {"excluded_urls": _with_probes(excluded_urls)}


def _with_probes(excluded_urls: str) -> str:
    return ",".join((*filter(None, [excluded_urls]), *_EXCLUDED_URLS))


def _sqlalchemy(guard: Guard, lean: bool, _: str) -> dict[str, Any]:
    from pazpaz_otel.integrations.sqlalchemy import Databases  # noqa: PLC0415

    Databases(guard).watch()
    # Its four pool measurements a query are observed instead, once an export.
    return {"meter_provider": NoOpMeterProvider()} if lean else {}


def _httpx(_: Guard, __: bool, ___: str) -> dict[str, Any]:
    async def async_request_hook(___: Any, request: Any) -> None:
        destination.set(_host(request))

    def request_hook(_: Any, request: Any) -> None:
        destination.set(_host(request))

    return {"request_hook": request_hook, "async_request_hook": async_request_hook}


def _logging(_: Guard, __: bool, ___: str) -> dict[str, Any]:
    stdlib_logging.export_plain_fields()
    # Never the format string, which would put ids into lines that the application formats itself.
    return {"set_logging_format": False}


_PREPARED: Final = {
    "fastapi": _fastapi,
    "starlette": _starlette,
    "sqlalchemy": _sqlalchemy,
    "httpx": _httpx,
    "logging": _logging,
}


def _host(request: Any) -> str | None:
    host = getattr(request.url, "host", None)
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    return host.lower() if isinstance(host, str) else None


def _without_connect_spans() -> None:
    from opentelemetry.instrumentation.utils import unwrap  # noqa: PLC0415
    from sqlalchemy.engine import Engine  # noqa: PLC0415

    unwrap(Engine, "connect")


def standard(names: Iterable[str] = STANDARD, disabled: Iterable[str] = ()) -> Iterable[EntryPoint]:
    """The entry points of the standard instrumentations that aren't disabled."""
    from opentelemetry.util._importlib_metadata import entry_points  # noqa: PLC0415

    wanted, left_out = set(names), set(disabled)
    if "*" in left_out:
        return
    for entry_point in entry_points(group="opentelemetry_instrumentor"):
        if entry_point.name in wanted and entry_point.name not in left_out:
            yield entry_point
