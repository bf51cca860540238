"""Programs of Debian packages: which one a test gets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.programs import debian

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("installed", [["chromium"], ["chromium", "chromium-headless-shell"]])
def test_the_headless_shell_is_taken_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, installed: list[str]
) -> None:
    """A machine that has only the whole browser runs the browser's tests all the same."""
    for program in installed:
        (tmp_path / program).touch(mode=0o755)
    monkeypatch.setattr(debian, "_PATH", str(tmp_path))
    assert debian.debian_binary("chromium-headless-shell") == tmp_path / installed[-1]
    assert "chromium-headless-shell" not in debian.missing_packages()
