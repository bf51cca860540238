"""Python's threads: spans belong to what started the thread, and errors are captured."""

from __future__ import annotations

from typing import Any, Final

from pazpaz_otel.integrations.library import Library, as_it_comes


def _capture(_: Any) -> None:
    from pazpaz_otel.sentry import hooks  # noqa: PLC0415 - it imports sentry_sdk

    hooks.watch_threads()


LIBRARY: Final = Library(
    name="threading",
    package="threading",
    instrumentors={"threading": as_it_comes},
    standard=("threading",),
    errors={"threading": _capture},
)
