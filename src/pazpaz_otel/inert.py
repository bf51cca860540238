"""Stand-ins for what an application calls, where a moved package keeps this one from being imported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pazpaz_otel import fail_closed
from pazpaz_otel.settings import guards_output, is_strict

if TYPE_CHECKING:
    from collections.abc import Callable


class Inert:
    """An instrument, or the result of a call, that does nothing whatever it is asked."""

    def __init__(self, *_: object, **__: object) -> None:
        """Take any arguments, as the function that this replaces does."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_, **__: None


def stand_in(error: Exception) -> Any:
    """Stop all export, say why in one line, and return what takes the place of a function of `pazpaz_otel`.

    Raises:
        Exception: `error`, if `PAZPAZ_OTEL_STRICT` is set.
    """
    if is_strict():
        raise error
    fail_closed.stop_export(error, withholds_lines=guards_output())
    return Inert
