"""A normal form in which an executed statement can be found in the source.

A driver's marks replace a statement's parameters (`:id`, `%(id)s`, `$1::UUID`, `?`), a list of values may replace one
parameter, and percent signs are doubled.
"""

from __future__ import annotations

import re
from typing import Final

# A cast that SQLAlchemy adds after asyncpg's mark.
_CAST: Final = r"::\w+(?: (?:WITH|WITHOUT) TIME ZONE| PRECISION| VARYING)?(?:\(\d+(?:, ?\d+)?\))?(?:\[\])?"
_PARAMETER: Final = re.compile(rf"%\(\w+\)s|%s|\$\d+(?:{_CAST})?|(?<![:\w]):[A-Za-z_]\w*|\?\d*|__\[POSTCOMPILE_\w+\]")
_LIST: Final = re.compile(r"\(\s*\?(?:\s*,\s*\?)*\s*\)")
_IN: Final = re.compile(r"\bIN \?", re.IGNORECASE)


def form_of(statement: str) -> str:
    """Return a statement with single spaces, and one mark for each parameter or list of parameters."""
    plain = " ".join(_PARAMETER.sub("?", statement.replace("%%", "%")).split())
    return _IN.sub("IN (?)", _LIST.sub("(?)", plain)).rstrip("; ")
