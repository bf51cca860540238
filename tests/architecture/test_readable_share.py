"""The share of readable messages is counted as the program's source has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.readable_share import main, sites_of

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

PROGRAM = """
import logging
log = logging.getLogger(__name__)
GREETING = "the desk is open"
class Closed(Exception):
    def __init__(self): super().__init__("the desk is closed")
def told(data, messages):
    log.info(GREETING)
    log.info(data)
    log.warning(f"{data}{data}")
    if data: raise ValueError(f"no desk for {data}")
    if messages: raise ValueError(messages[data])
    try: raise Closed
    except Closed as error: log.error(str(error))
    raise Closed()
    raise HTTPException(404, detail=messages[data])
    raise HTTPException(404, detail="no such desk")
"""


def test_sites_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Literals, compositions, own classes and handled exceptions are readable; data is none, and tests are left out."""
    (tmp_path / "desk.py").write_text(PROGRAM)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_desk.py").write_text(PROGRAM)
    assert [(kind, told) for kind, told, _ in sites_of(tmp_path)] == [
        ("log", True),
        ("log", False),
        ("log", False),
        ("raise", True),
        ("raise", False),
        ("log", True),
        ("raise", True),
        ("HTTPException", False),
        ("HTTPException", True),
    ]
    assert main([str(tmp_path), "--lost", "1"]) == 0
    counted = "raise 2 of 3 (66.7 %), log 2 of 4 (50.0 %), HTTPException 1 of 2 (50.0 %), together 5 of 9 (55.6 %)"
    assert capsys.readouterr().out.splitlines() == [
        f"{tmp_path}: {counted}",
        "  log desk.py:9: log.info(data)",
        f"all: {counted}",
    ]
