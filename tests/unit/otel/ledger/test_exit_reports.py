"""What a ledger's processes tell each other as they end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pazpaz_otel.otel import exit_deadline
from pazpaz_otel.otel.ledger import exit_reports
from pazpaz_otel.otel.ledger.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A new ledger."""
    made = Store(tmp_path / "x.ledger", keep=True)
    yield made
    made.close()


def test_nobody_has_ended_yet(store: Store) -> None:
    """A new ledger knows of no end, and nothing bad of the endpoint."""
    assert exit_reports.read(store) == exit_deadline.OtherProcesses(None, silent=False)


def test_the_last_one_learns_when_the_others_began_to_end(store: Store) -> None:
    """It shares their deadline."""
    exit_reports.record_exit(store)
    since = exit_reports.read(store).since
    assert since is not None
    assert 0 <= since < 60


def test_a_worker_that_ends_alone_takes_no_time_from_another(store: Store, tmp_path: Path) -> None:
    """While somebody serves on, the end of one isn't that of the application."""
    other = Store(tmp_path / "x.ledger", keep=True)
    other.process = f"{other.process.rpartition('/')[0].rpartition('/')[0]}/1/{_start_of_the_first()}"
    other._show_life(other._open(), 0, force=True)
    exit_reports.record_exit(store)
    assert exit_reports.read(store).since is None
    other.close()


def test_a_turn_that_nobody_comes_back_from_is_a_silence(store: Store) -> None:
    """Whoever asks next knows that the endpoint gave no answer, until one is answered."""
    exit_reports.record_sending(store, answered=False)
    assert exit_reports.read(store).silent
    exit_reports.record_sending(store, answered=True)
    assert not exit_reports.read(store).silent


def test_a_file_that_is_lost_tells_nothing(tmp_path: Path) -> None:
    """The end of a process doesn't fail for it."""
    store = Store(tmp_path / "x.ledger", keep=True)
    store.close()
    (tmp_path / "x.ledger").write_bytes(b"no database" * 1000)
    assert exit_reports.read(store) == exit_deadline.OtherProcesses()


def _start_of_the_first() -> int:
    with open("/proc/1/stat", encoding="ascii") as file:  # noqa: PTH123 - one line of a file of the kernel
        return int(file.read().rpartition(")")[2].split()[19])
