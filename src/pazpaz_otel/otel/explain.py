"""Tell a developer what was dropped, where and why, and what would let it out, but never a value.

In a local environment it prints to the terminal; outside production it can write a file for `pazpaz-otel policy learn`,
whose format docs/policy.md describes.
"""

from __future__ import annotations

import contextlib
import json
import logging
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel import patches
from pazpaz_otel.notices import Told
from pazpaz_otel.otel.explain_hints import hint
from pazpaz_otel.policy.proposal import warning
from pazpaz_otel.policy.vocabulary import refused
from pazpaz_otel.redact import drops, text, undeclared
from pazpaz_otel.redact.fifo_cache import FifoCache
from pazpaz_otel.redact.provenance.callers import first_outside, is_of
from pazpaz_otel.redact.provenance.excerpts import stands_within, written_as_key
from pazpaz_otel.redact.provenance.installed import is_installed
from pazpaz_otel.redact.provenance.module_files import relative_path
from pazpaz_otel.redact.provenance.module_index import line_proven

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import FrameType

    from pazpaz_otel.redact.guards import Guard
    from pazpaz_otel.settings import Settings

logger = logging.getLogger(__name__)

_MAX_TOLD: Final = 2000
_MAX_FRAMES: Final = 80
_MAX_REFUSED: Final = 16
"""How many keys that no source proves are looked for at one place: a statement that makes keys makes thousands."""
_TYPES: Final = frozenset({"bool", "float", "int", "str"})
_OURS: Final = ("pazpaz_otel.", "opentelemetry.")
_NOT_JUDGED: Final = frozenset({"export_failed", "guard_failed", "queue_full"})


class Explainer:
    """Explain each kind of drop once for each place.

    Args:
        guard: the guard that judges attributes.
        write: receives one drop, with the fields that docs/policy.md lists.
        each_place: whether to write a key once for each place, not once.
        configured: the resource keys that the operator configured.
    """

    def __init__(
        self, guard: Guard, write: Callable[[dict[str, str]], None], *, each_place: bool, configured: Iterable[str]
    ) -> None:
        self._guard = guard
        self._configured = frozenset(configured)
        self._write = write
        self._each_place = each_place
        self._told: set[tuple[str, str, str, str]] = set()
        self._keys: set[str] = set()
        self._judged: FifoCache[tuple[str, str], bool] = FifoCache(4096)
        self._refused: Counter[str] = Counter()

    def install(self) -> None:
        """Observe what the application sets on its spans, and every drop by a guard."""

        def explaining_one(original: Any) -> Any:
            def set_attribute(span: Any, key: Any, value: Any) -> None:
                self._explain_all(lambda: [(key, value)])
                original(span, key, value)

            return set_attribute

        def explaining_many(original: Any) -> Any:
            def set_attributes(span: Any, attributes: Any) -> None:
                self._explain_all(attributes.items)
                original(span, attributes)

            return set_attributes

        patches.install("span.set_attribute", explaining_one)
        patches.install("span.set_attributes", explaining_many)
        drops.watch(self.dropped)

    def _explain_all(self, pairs: Callable[[], Iterable[tuple[Any, Any]]]) -> None:
        # A file that can't be written, or a mapping of the application that raises, mustn't fail its statement.
        with contextlib.suppress(Exception):
            for key, value in pairs():
                self.explain(key, value)

    def explain(self, key: Any, value: Any) -> None:
        """Explain a span's attribute where it is set, if it will be dropped."""
        if type(key) is not str:
            return
        rule = self._guard.policy.attributes.get(key)
        if rule is not None and (rule.kind.proof == "runtime" or self._guard.attributes.value(key, value) is not None):
            return
        reason = "unlisted_key" if rule is None else "refused_value"
        self._tell("span_attribute", reason, key, type(value).__name__)

    def dropped(self, surface: str, reason: str, key: str | None, type_name: str | None, detail: drops.Detail) -> None:
        """Explain a drop in the thread that drops; skip span attributes that were explained where they were set."""
        if reason not in _NOT_JUDGED and (surface != "span_attribute" or key not in self._keys):
            self._tell(surface, reason, key, type_name, detail)

    def _tell(
        self, surface: str, reason: str, key: str | None, type_name: str | None, detail: drops.Detail = drops.NO_DETAIL
    ) -> None:
        # The statement that created the dropped item; what is configured stands in none.
        frame = None if surface == "resource" else _application(sys._getframe(2))  # noqa: SLF001
        # On other surfaces, a host or a word in a statement is a value.
        is_value = reason == "unknown_host" or surface == "sql"
        if key is not None and not is_value:
            self._keys.add(key)
        place = "" if frame is None else f"{relative_path(frame.f_code.co_filename)}:{frame.f_lineno}"
        if key is not None and not self._may_name(key, f"{surface} {reason} {place}", frame, within=is_value):
            key = None
        # In a terminal, once per key is enough; a file is for counting, so each place matters.
        told = surface, reason, key or "", place if self._each_place or key is None else ""
        if told in self._told or len(self._told) >= _MAX_TOLD:
            return
        self._told.add(told)
        drop = {
            "surface": surface,
            "reason": reason,
            "key": key or "",
            "type": type_name if type_name in _TYPES and key else "",
            "at": place,
            **(detail if key else {}),
            "change": hint(self._guard.policy, surface, reason, key, detail),
        }
        self._write({name: value for name, value in drop.items() if value})

    def _may_name(self, key: str, where: str, frame: FrameType | None, *, within: bool) -> bool:
        known = self._judged.get((key, where))
        if known is not None:
            return known
        if self._refused[where] >= _MAX_REFUSED:
            return False
        is_source = self._is_source(key, frame, within=within)
        self._refused[where] += not is_source
        return self._judged.keep((key, where), is_source)

    def _is_source(self, key: str, frame: FrameType | None, *, within: bool) -> bool:
        """Return whether a key is a convention's, the operator's or the program's own; others may hold anything."""
        if within:
            return frame is not None and stands_within(key, frame)
        if key in self._guard.policy.attributes or key in refused() or key in self._configured:
            return True
        # A library's own key stands in its own statement.
        near = first_outside(sys._getframe(2), _OURS)  # noqa: SLF001
        if text.prove(key, near):
            return True
        return key in undeclared.labels if frame is None else text.prove(key, frame) or written_as_key(key, frame)


def explain(settings: Settings, guard: Guard) -> None:
    """Start explaining if it was requested, or log why it can't run."""
    configured = [key for key, _ in settings.resource_attributes]
    if settings.unexplained is not None:
        logger.warning("PAZPAZ_OTEL_EXPLAIN %s", Told(settings.unexplained))
    elif settings.explain_file is not None:
        file = Path(settings.explain_file)
        try:
            file.open("a", encoding="utf-8").close()
        except OSError as error:
            logger.warning("PAZPAZ_OTEL_EXPLAIN writes no file: it can't be opened (%s)", Told(type(error).__name__))
            return
        Explainer(guard, _into(file), each_place=True, configured=configured).install()
    elif settings.explain and not sys.stderr.isatty():
        logger.warning("PAZPAZ_OTEL_EXPLAIN has no effect: standard error isn't a terminal; name a file instead")
    elif settings.explain:
        Explainer(guard, _at_the_terminal(configured), each_place=False, configured=configured).install()


def _into(file: Path) -> Callable[[dict[str, str]], None]:
    def write(drop: dict[str, str]) -> None:
        with file.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(drop, ensure_ascii=False) + "\n")

    return write


def _at_the_terminal(configured: Iterable[str]) -> Callable[[dict[str, str]], None]:
    def write(drop: dict[str, str]) -> None:
        what = drop.get("key") or f"a {drop['surface'].replace('_', ' ')}"
        place = f", set at {drop['at']}" if "at" in drop else ""
        personal = warning("attributes", drop["key"]) if drop["reason"] == "unlisted_key" and "key" in drop else ""
        unlisted = f"refused: {personal}" if personal else "the policy doesn't name it"
        why = {"unlisted_key": unlisted, "refused_value": "its value isn't of its kind"}.get(
            drop["reason"], drop["reason"].replace("_", " ")
        )
        if drop["surface"] == "resource" and what == "service.name" and what not in configured:
            # The SDK gives every process one.
            why = "the environment doesn't set it"
        hint = f"; to let it out: {drop['change']}" if "change" in drop else ""
        sys.stderr.write(f"pazpaz-opentelemetry: {what} is dropped{place}: {why}{hint}\n")

    return write


def _application(frame: FrameType | None) -> FrameType | None:
    """Return the innermost frame of the application."""
    for _ in range(_MAX_FRAMES):
        if frame is None:
            return None
        file = frame.f_code.co_filename
        if not is_of(frame.f_globals, _OURS) and not is_installed(file) and line_proven(frame.f_lineno or 0, file):
            return frame
        frame = frame.f_back
    return None
