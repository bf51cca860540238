"""The table of `docs/reliability.md`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.programs.golang import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.faults.scenarios import Found

PAGE: Final = ROOT / "docs" / "reliability.md"
_BEGIN: Final = "<!-- made by `make faults` -->\n"
_END: Final = "<!-- end -->\n"
_HEAD: Final = (
    "| fault | for | failed requests | p95 latency before → during | events counted after | healed after"
    " | spans that arrived | spans counted as lost |\n|---|---|---|---|---|---|---|---|\n"
)


def table(found: Iterable[Found]) -> str:
    """Return the table of some faults."""
    return _HEAD + "".join(f"{one.row()}\n" for one in found)


def write(text: str) -> None:
    """Put a table in its place on the page."""
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    PAGE.write_text(f"{before}{_BEGIN}\n{text}\n{_END}{after}", encoding="utf-8")
