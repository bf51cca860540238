"""Versions of what is installed, from the names of folders, and from metadata where those don't say."""

from __future__ import annotations

import sys
from importlib import metadata
from typing import TYPE_CHECKING

import pytest

from pazpaz_otel.redact import versions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    for cached in (versions._of_folders, versions._of_metadata):
        cached.cache_clear()
    yield
    for cached in (versions._of_folders, versions._of_metadata):
        cached.cache_clear()


def test_an_installed_version_needs_no_metadata(monkeypatch: pytest.MonkeyPatch):
    """The version of an installed package is known by its folder."""
    installed = metadata.version("opentelemetry-sdk")
    monkeypatch.setattr(metadata, "distributions", lambda: pytest.fail("metadata was read"))
    assert versions.is_installed(installed)


def test_a_version_that_no_folder_names_is_asked_of_the_metadata(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A package whose folder has no version in its name is found all the same."""
    folder = tmp_path / "clinic.egg-info"
    folder.mkdir()
    (folder / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: clinic\nVersion: 41.7.9\n")
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path), str(tmp_path / "missing.zip")])
    assert versions.is_installed("41.7.9")


@pytest.mark.parametrize("text", ["Dvora", "clinic.notes", ""])
def test_a_text_without_a_digit_is_no_version(monkeypatch: pytest.MonkeyPatch, text: str):
    """What is no version isn't proven, and costs no reading."""
    monkeypatch.setattr(metadata, "distributions", lambda: pytest.fail("metadata was read"))
    assert not versions.is_installed(text)


def test_a_number_is_no_version():
    """What no package has isn't proven."""
    assert not versions.is_installed("305123456")
