"""Names of loggers that are a class's, as SQLAlchemy's `class_logger` makes them."""

from __future__ import annotations

import importlib
import logging
import sys
from typing import TYPE_CHECKING

import pytest

from pazpaz_otel import patches
from pazpaz_otel.redact import log_templates, undeclared
from pazpaz_otel.redact.logger_names import logger_name
from pazpaz_otel.redact.provenance import source

if TYPE_CHECKING:
    from pathlib import Path

MODULE = """
import logging
def class_logger(cls):
    cls.logger = logging.getLogger(cls.__module__ + "." + cls.__name__)
    return cls
@class_logger
class Booking: ...
Dvora = class_logger(type("Dvora", (), {"__module__": __name__}))
del Dvora
"""


def test_the_logger_of_a_class_is_found_when_it_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A decorator that asks for its class's logger reads no source; a class that the module hasn't proves no name."""
    (tmp_path / "clinic_bookings.py").write_text(MODULE)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(source, "parse_file", lambda *_: pytest.fail("a source was parsed"))
    with patches.restored():
        log_templates.install()
        module = importlib.import_module("clinic_bookings")
    assert logger_name(module.Booking.logger.name) == "clinic_bookings.Booking"
    monkeypatch.undo()
    assert logger_name("clinic_bookings.Dvora") == "clinic_bookings"


class _Sweeper:
    def named(self) -> logging.Logger:
        """A logger by the class's name."""
        return logging.getLogger(type(self).__name__)


def test_a_literal_below_a_proven_name_is_proven():
    """`getLogger(__name__ + ".jobs")`, `getChild("jobs")` and a class's name are the source's; data below one isn't."""
    data = "arovd"[::-1]
    with patches.restored():
        log_templates.install()
        jobs = logging.getLogger(__name__ + ".jobs_of_a_test").getChild("deepest")
        made = logging.getLogger(f"{__name__}.{data}")
        named = _Sweeper().named()
    assert logger_name(jobs.name) == f"{__name__}.jobs_of_a_test.deepest"
    assert logger_name(named.name) == "_Sweeper"
    assert logger_name(made.name) == __name__


PREFIX = "tests.of_names"


def test_a_name_that_constants_make_is_proven():
    """A name made of constants alone is the source's; one with data, or of a person's name with a space, isn't."""
    person = "dvora levi"
    data = bytes.fromhex("7377656570").decode()
    with patches.restored():
        log_templates.install()
        names = [
            logging.getLogger(f"{__name__}.sweep_of_a_test").name,
            logging.getLogger(f"{PREFIX}.sweep").name,
            logging.getLogger(PREFIX + ".rake").name,
            logging.getLogger(f"{PREFIX}.{data}s").name,
            logging.getLogger(f"{PREFIX}.{person}").name,
        ]
        undeclared.prove(f"{PREFIX}.rakes", "counter", "", sys._getframe())
        undeclared.prove(__name__ + ".hoes", "counter", "", sys._getframe())
        undeclared.prove(f"{PREFIX}.{data}", "counter", "", sys._getframe())
    assert [logger_name(name) for name in names] == [*names[:3], "tests", "tests"]
    assert undeclared.rule("tests.of_names.rakes") is not None
    assert undeclared.rule(f"{__name__}.hoes") is not None
    assert undeclared.rule("tests.of_names.sweep") is None


def test_a_logger_for_each_tenant_costs_no_search_of_every_module() -> None:
    """Names that data makes are refused in a few calls each, however many modules and variables there are."""
    names = [f"{tenant}" * 3 for tenant in range(200)]
    for name in names:
        logging.getLogger(name)
    assert logger_name(names.pop()) is None
    calls = 0

    def count(_: object, event: str, __: object) -> None:
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count)
    judged = [logger_name(name) for name in names]
    sys.setprofile(None)
    assert set(judged) == {None}
    assert calls < 100 * len(names)


EARLY = """
import logging
NAMES = {"e11": "sugar.disease"}
CODE = min(NAMES)
early = logging.getLogger("clinic.early")
picked = logging.getLogger(NAMES[CODE])
"""


def test_a_logger_that_was_requested_early_is_proven_by_its_binding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Before the guards stood, nothing proved a name: the logger's binding does, not the whole source."""
    (tmp_path / "clinic_early.py").write_text(EARLY)
    monkeypatch.syspath_prepend(str(tmp_path))
    module = importlib.import_module("clinic_early")
    assert logger_name(module.early.name) == "clinic.early"
    picked = logger_name(module.picked.name)
    assert picked is None
