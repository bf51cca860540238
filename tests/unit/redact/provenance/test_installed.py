"""Of which installed packages every text of the running function counts: of libraries, not of the application."""

from __future__ import annotations

import importlib
import json
import sys
from typing import TYPE_CHECKING

import pytest

from pazpaz_otel.redact import text
from pazpaz_otel.redact.exceptions import view
from pazpaz_otel.redact.provenance import installed
from pazpaz_otel.redact.provenance.places import Running
from pazpaz_otel.redact.text import judge

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import ModuleType

PACKAGE = '''
def compared(left, code):
    """a docstring"""
    if code == "a code that is compared" or code in ("a code in a list", "b"):
        return left(code)
    match code:
        case "a code that is matched":
            return left(code)
    return left(code)

def composed(left, code):
    if code == "a code that is compared":
        return left(f"this is {code}")

def picked(left, code):
    labels = {"a": "the label of a", "b": "the label of b"}
    return left(labels.get(code))

def said(left, code):
    told = "a text of the program"
    return left(told)

class LineError(Exception):
    def __init__(self, *, message="the line is dead", line=None):
        super().__init__(message)

# As a package does that hides where its parts are defined.
LineError.__module__ = "tests"

def call():
    raise LineError(line=1)
'''


def _left(made: str) -> str | None:
    return judge(made, Running(sys._getframe(1))).text


@pytest.fixture(params=[{"dir_info": {}}, {"archive_info": {}}, None], ids=["folder", "archive", "index"])
def package(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """A package among the installed ones, which came from a folder, a wheel or an index."""
    folder = tmp_path / "site-packages"
    described = folder / "clinic_of_a_test-1.0.dist-info"
    described.mkdir(parents=True)
    (folder / "clinic_of_a_test.py").write_text(PACKAGE, encoding="utf-8")
    (described / "METADATA").write_text("Name: clinic-of-a-test\nVersion: 1.0\n", encoding="utf-8")
    (described / "RECORD").write_text("clinic_of_a_test.py,,\n", encoding="utf-8")
    if request.param:
        (described / "direct_url.json").write_text(json.dumps({"url": "file:///clinic", **request.param}))
    monkeypatch.syspath_prepend(folder)
    installed._applications.cache_clear()
    text._proven.clear()
    yield importlib.import_module("clinic_of_a_test")
    del sys.modules["clinic_of_a_test"]
    installed._applications.cache_clear()


@pytest.fixture
def is_application(request: pytest.FixtureRequest) -> bool:
    """Whether the package came from a folder, as `pip install .` makes it."""
    return request.node.callspec.id.startswith("folder")


def test_what_data_is_compared_with_stays(package: ModuleType) -> None:
    """A code that a function compares, matches or describes is data, wherever the function was installed from."""
    codes = ("a code that is compared", "a code in a list", "a code that is matched", "a docstring")
    assert [package.compared(_left, code) for code in codes] == [None] * 4
    left = package.composed(_left, str(b"a code that is compared", "ascii"))
    assert left == "this is {code}"


def test_what_data_picks_in_an_installed_application_stays(package: ModuleType, is_application: bool) -> None:
    """An application is judged as from its own folder; every text of a library's function counts."""
    left = package.picked(_left, "a")
    assert left == (None if is_application else "the label of a")


def test_a_text_of_the_program_leaves(package: ModuleType) -> None:
    """What a function says leaves, wherever it was installed from."""
    left = package.said(_left, "")
    assert left == "a text of the program"


def test_an_error_of_a_library_has_its_text(package: ModuleType) -> None:
    """Its class's own, also if the package names another module as the class's."""
    with pytest.raises(package.LineError) as caught:
        package.call()
    assert view(caught.value).message == "the line is dead"


@pytest.mark.parametrize("described", [b'{"dir_info": {}, "url": "\xe9"}', None], ids=["not UTF-8", "a folder"])
def test_a_description_that_cannot_be_read_is_skipped(
    package: ModuleType, is_application: bool, tmp_path: Path, described: bytes | None
) -> None:
    """It takes no other package along, and raises nothing."""
    broken = tmp_path / "site-packages" / "a_broken-1.0.dist-info" / "direct_url.json"
    broken.parent.mkdir()
    broken.mkdir() if described is None else broken.write_bytes(described)
    sys.path.append(b"no text")  # type: ignore[arg-type]
    try:
        left = package.picked(_left, "a")
    finally:
        sys.path.remove(b"no text")  # type: ignore[arg-type]
    assert left == (None if is_application else "the label of a")
