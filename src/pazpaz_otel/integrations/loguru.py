"""loguru: messages are proven where they are logged, and are exported even if no sink passes them to `logging`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel import patches
from pazpaz_otel.integrations import structured
from pazpaz_otel.integrations.library import Library, Wiring
from pazpaz_otel.redact import drops, log_templates, text
from pazpaz_otel.redact.fields import prove_fields
from pazpaz_otel.redact.log_templates import Event
from pazpaz_otel.redact.provenance.places import Running

if TYPE_CHECKING:
    from collections.abc import Callable

_DEPTH: Final = 8
_EXTRA: Final = -1
"""The index in loguru's options of what is bound to the logger; index 0 is the exception."""


def _watch(_: Any, wiring: Wiring) -> None:
    def around(original: Any) -> Callable[..., Any]:
        def _log(self: Any, level: Any, from_decorator: Any, options: Any, *rest: Any) -> Any:
            before = log_templates.emitted()
            result = original(self, level, from_decorator, options, *rest)
            try:
                if log_templates.emitted() == before:
                    _export(self._core, level, options, *rest, wiring=wiring)
            except BaseException as error:  # noqa: BLE001 - telemetry never breaks the application
                drops.fail("log", error)
            return result

        return _log

    patches.install("loguru.log", around)


def _export(core: Any, level: Any, options: tuple[Any, ...], *rest: Any, wiring: Wiring) -> None:
    message, _, kwargs = rest
    frame = structured.caller(sys._getframe(2), "loguru")  # noqa: SLF001
    known = core.levels_lookup.get(level)
    number = known[2] if known is not None else level
    if not core.handlers or not isinstance(number, int) or number < core.min_level or structured.is_forwarded(frame):
        return
    running = Running(frame, _DEPTH)
    template = text.judge(str(message), running, wiring.guard.messages).text
    if template is None:
        # `logger.catch(message=…)`: its wrapper, which is loguru's, holds the function that it decorates.
        template = text.judge(str(message), Running(sys._getframe(2), _DEPTH)).text  # noqa: SLF001
    fields = {**core.extra, **options[_EXTRA], **kwargs}
    error = structured.error_of(options[0])
    structured.export(Event(str(message), template, fields, prove_fields(fields, running), error), number, frame)


LIBRARY: Final = Library(name="loguru", package="loguru", watch={"loguru._logger": _watch})
