"""Says to a developer, at a terminal of their own, what was dropped and how to let it through.

The one place where a dropped key is shown, and so only in a local environment and only on a terminal.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel import patches
from pazpaz_otel.redact import exceptions

if TYPE_CHECKING:
    from pazpaz_otel.redact.guards import Guard
    from pazpaz_otel.settings import Settings

_MOST: Final = 200


class Explainer:
    """Explains each key once.

    Args:
        guard: judges the attributes.
    """

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._explained: set[str] = set()

    def install(self) -> None:
        """Listens to what the application sets on its spans."""

        def explaining_one(original: Any) -> Any:
            def set_attribute(span: Any, key: Any, value: Any) -> None:
                self.explain(key, value)
                original(span, key, value)

            return set_attribute

        def explaining_many(original: Any) -> Any:
            def set_attributes(span: Any, attributes: Any) -> None:
                for key, value in dict(attributes).items():
                    self.explain(key, value)
                original(span, attributes)

            return set_attributes

        patches.install("span.set_attribute", explaining_one)
        patches.install("span.set_attributes", explaining_many)

    def explain(self, key: Any, value: Any) -> None:
        """Writes what becomes of an attribute, if it will be dropped and nobody was told yet."""
        if not isinstance(key, str) or key in self._explained or len(self._explained) >= _MOST:
            return
        rule = self._guard.policy.attributes.get(key)
        if rule is not None and (rule.kind.proof == "runtime" or self._guard.attributes.value(key, value) is not None):
            return
        self._explained.add(key)
        frame = sys._getframe(2)  # noqa: SLF001 - the statement that set it
        place = exceptions.relative_path(frame.f_code.co_filename) or "?"
        if rule is None:
            why, cure = "the policy doesn't name it", f"attributes: {{{key}: <kind>}}"
        else:
            why, cure = f"its value isn't of kind {rule.kind.name}", f"a value of kind {rule.kind.name}"
        sys.stderr.write(
            f"pazpaz-opentelemetry: {key} is dropped, set at {place}:{frame.f_lineno}: {why}; to let it out: {cure}\n"
        )


def explain(settings: Settings, guard: Guard) -> None:
    """Starts explaining where it was asked for, in a local environment, on a terminal."""
    if settings.explain and settings.is_local and sys.stderr.isatty():
        Explainer(guard).install()
