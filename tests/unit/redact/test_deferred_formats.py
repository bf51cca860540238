"""Formats that installed packages keep in their modules: they leave, and what isn't a format doesn't."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

import pytest

from pazpaz_otel import patches
from pazpaz_otel.redact import deferred, log_templates
from pazpaz_otel.redact.fifo_cache import FifoCache
from pazpaz_otel.redact.provenance import source_index
from tests.unit.redact.conftest import Templates

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import ModuleType

NAME = bytes.fromhex("44616e61204c657669").decode()
TEXTS = """
RECEIVED = "Task %(name)s received"
SEEN = "Task %(name)s seen"
"""
PACKAGE = """
import logging
import queue_texts
from collections import namedtuple
FAILED = "\\nTask %(name)s failed: %(exc)s\\n"
DIAGNOSES = {"E11": "a long illness"}
Policy = namedtuple("Policy", ("format",))
failed = Policy(FAILED)
logger = logging.getLogger("queue_library")
def log(policy, values):
    logger.error(policy.format.strip(), values)
def receive(name, values):
    logger.error(getattr(queue_texts, name), values)
def pass_on(text, values):
    logger.error(text, values)
"""


@pytest.fixture(params=["site-packages", "application"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Where the package is: installed, or a part of the application."""
    made = tmp_path / str(request.param)
    made.mkdir()
    return made


@pytest.fixture
def library(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """A package that logs by a policy."""
    (folder / "queue_library.py").write_text(PACKAGE, encoding="utf-8")
    (folder / "queue_texts.py").write_text(TEXTS, encoding="utf-8")
    monkeypatch.syspath_prepend(folder)
    # Each test loads modules of the same names.
    monkeypatch.setattr(source_index, "_indexes", FifoCache(8))
    monkeypatch.setattr(deferred, "_formats", FifoCache(8))
    with patches.restored():
        log_templates.install()
        yield importlib.import_module("queue_library")
    del sys.modules["queue_library"], sys.modules["queue_texts"]


@pytest.fixture
def kept(library: ModuleType) -> Iterator[Templates]:
    """What its logger's records prove."""
    handler = Templates()
    library.logger.addHandler(handler)
    yield handler
    library.logger.removeHandler(handler)


def test_a_format_of_an_installed_module_leaves(folder: Path, library: ModuleType, kept: Templates) -> None:
    """A policy's format leaves from an installed package, and not from the application, where data may choose it."""
    library.log(library.failed, {"name": NAME, "exc": NAME})
    assert kept.told == ["Task %(name)s failed: %(exc)s" if folder.name == "site-packages" else None]


def test_other_texts_stay(library: ModuleType, kept: Templates) -> None:
    """What has no field is a text that data may choose; what the module doesn't hold is data."""
    for text in (library.DIAGNOSES["E11"], NAME.replace(" ", " %(name)s "), "%(name)s"):
        library.log(library.Policy(text), {"name": NAME})
    assert kept.told == [None, None, None]


def test_a_format_of_a_module_that_the_function_names_leaves(
    folder: Path, library: ModuleType, kept: Templates
) -> None:
    """It leaves from a function of an installed package that names its module, however it finds it there."""
    library.receive("RECEIVED", {"name": NAME})
    library.pass_on(vars(library.queue_texts)["SEEN"], {"name": NAME})
    assert kept.told == ["Task %(name)s received" if folder.name == "site-packages" else None, None]
