"""Create the mark by which the Collector's wall recognises the fields that the process proved."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pazpaz_otel.policy.literals import MARK, MAX_MARK_BYTES, is_literal_key, is_literal_value
from pazpaz_otel.redact import drops
from pazpaz_otel.redact.fifo_cache import FifoCache

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pazpaz_otel.redact.fields import Shown

_SURFACE = "log_attribute"
_members: FifoCache[tuple[str, type, str], tuple[str, int]] = FifoCache(4096)
"""The fields' parts of the mark, and their sizes in bytes; what is proven is in the source, so there are few."""


def marked(fields: Mapping[str, Shown]) -> dict[str, Shown]:
    """Return the proven fields that the Collector's wall accepts, with the mark that makes it accept them.

    Fields in another format are dropped and counted here: the wall would remove them and report a failing guard.
    """
    taken: dict[str, Shown] = {}
    members: list[str] = []
    length = 2
    for key, value in sorted(fields.items()):
        # As text, because -0.0 == 0.0.
        place = key, type(value), str(value)
        known = _members.get(place)
        if known is None:
            if not (is_literal_key(key) and is_literal_value(value)):
                _refuse("refused_value", key, value)
                continue
            made = f'"{key}":{json.dumps(value, ensure_ascii=False)}'
            known = _members.keep(place, (made, len(made.encode()) + 1))
        member, size = known
        if length + size > MAX_MARK_BYTES:
            _refuse("too_many", key, value)
            continue
        length += size
        members.append(member)
        taken[key] = value
    if taken:
        taken[MARK] = "{" + ",".join(members) + "}"
    return taken


def _refuse(reason: str, key: str, value: Shown) -> None:
    drops.tell(_SURFACE, reason, key, type(value).__name__)
    drops.drop(_SURFACE, reason, told=True)
