"""The form by which a statement that is executed is found again in the source that it was written in.

Between the two a driver's marks take the place of a statement's parameters (`:id`, `%(id)s`, `$1::UUID`, `?`), a list
of values takes the place of one, and a percent sign is doubled.
"""

from __future__ import annotations

import re
from typing import Final

# A cast that SQLAlchemy writes behind asyncpg's mark.
_CAST: Final = r"::\w+(?: (?:WITH|WITHOUT) TIME ZONE| PRECISION| VARYING)?(?:\(\d+(?:, ?\d+)?\))?(?:\[\])?"
_PARAMETER: Final = re.compile(rf"%\(\w+\)s|%s|\$\d+(?:{_CAST})?|(?<![:\w]):[A-Za-z_]\w*|\?\d*|__\[POSTCOMPILE_\w+\]")
_LIST: Final = re.compile(r"\(\s*\?(?:\s*,\s*\?)*\s*\)")
_IN: Final = re.compile(r"\bIN \?", re.IGNORECASE)


def form_of(statement: str) -> str:
    """Return a statement with one space for each white space and one mark for every parameter or list of them."""
    plain = " ".join(_PARAMETER.sub("?", statement.replace("%%", "%")).split())
    return _IN.sub("IN (?)", _LIST.sub("(?)", plain)).rstrip("; ")
