"""What a report shows of a line of the application's output."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pazpaz_otel.audit.excerpt import excerpt
from pazpaz_otel.audit.scan import Find

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

SOURCE = 'def book(person, reason):\n    print(f"Booked {person.name} for {reason} at the desk")\n'
LINE = "INFO Booked Wilhelmina Quackenbush-Lee for dana-7731 at the desk of 318274659"


def test_only_the_sources_words_are_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """People who weren't planted, but stand in the application's database, aren't in the audit's own output."""
    (tmp_path / "desk.py").write_text(SOURCE)
    (tmp_path / "test_desk.py").write_text('NAME = "Wilhelmina"')
    (tmp_path / "venv").mkdir()
    (tmp_path / "venv" / "pyvenv.cfg").touch()
    (tmp_path / "venv" / "names.py").write_text("Quackenbush = 318274659")
    monkeypatch.chdir(tmp_path)
    find = Find("1", "stdout", "dana-7731", "POST /bookings", LINE)
    assert excerpt(find) == "… Booked … for ▒ at the desk …"


def test_a_line_that_hides_its_token_is_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was found in another form than it was planted can't be masked."""
    monkeypatch.chdir(tmp_path)
    assert excerpt(Find("1", "stdout", "dana-7731", "POST /bookings", "ZGFuYS03NzMx")) == ""
