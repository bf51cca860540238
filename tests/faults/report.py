"""The tables of `docs/reliability.md` and `docs/operations/scaling.md`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.programs.golang import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tests.faults.scenarios import Found

PAGE: Final = ROOT / "docs" / "reliability.md"
SCALING: Final = ROOT / "docs" / "operations" / "scaling.md"
_END: Final = "<!-- end -->\n"
_HEAD: Final = (
    "| fault | for | failed requests | p95 latency before → during | events counted after | healed after"
    " | spans that arrived | of them twice | spans counted as lost |\n|---|---|---|---|---|---|---|---|---|\n"
)


def table(found: Iterable[Found]) -> str:
    """Return the table of some faults."""
    return _HEAD + "".join(f"{one.row()}\n" for one in found)


def write(text: str, page: Path = PAGE, verb: str = "faults") -> None:
    """Put what a verb of the Makefile makes in its place on a page."""
    begin = f"<!-- made by `make {verb}` -->\n"
    before, _, rest = page.read_text(encoding="utf-8").partition(begin)
    _, _, after = rest.partition(_END)
    page.write_text(f"{before}{begin}\n{text}\n{_END}{after}", encoding="utf-8")


def replace(found: Iterable[Found], page: Path = PAGE) -> None:
    """Put some faults' rows in the place of those that the page has of them."""
    lines = page.read_text(encoding="utf-8").splitlines(keepends=True)
    for one in found:
        [number] = [number for number, line in enumerate(lines) if line.startswith(f"| {one.name} | ")]
        lines[number] = f"{one.row()}\n"
    page.write_text("".join(lines), encoding="utf-8")
