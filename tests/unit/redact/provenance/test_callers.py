"""What lies between a statement and its guards is told by whole names of packages."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

import pytest

from pazpaz_otel import patches
from pazpaz_otel.redact import log_templates
from tests.unit.redact.conftest import Templates

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """\
import logging

log = logging.getLogger(__name__)
log.propagate = False


def tell(error):
    log.error("%s while saving", type(error).__name__)
"""


@pytest.mark.parametrize("name", ["logging_setup", "opentelemetry_setup"])
def test_an_applications_module_may_begin_like_a_package(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A log call in `logging_setup` is the application's own."""
    (tmp_path / f"{name}.py").write_text(PROGRAM, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    records = Templates()
    with patches.restored():
        log_templates.install()
        program = importlib.import_module(name)
        program.log.addHandler(records)
        program.tell(KeyError("visit"))
    del sys.modules[name]
    assert records.told == ["KeyError while saving"]
