"""What the application's source writes of SQL, and that nothing else becomes known."""

from __future__ import annotations

import importlib
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pazpaz_otel.redact.sql.source_names import SourceNames

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAM = Path(__file__).with_name("premises_program.txt")


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SourceNames]:
    """What is known beside a program that is loaded after the first look; the look reads every module of the tests."""
    known = SourceNames()
    assert not known.knows("treatment_rooms")
    folder = tmp_path_factory.mktemp("premises")
    shutil.copy(PROGRAM, folder / "premises_program.py")
    with pytest.MonkeyPatch.context() as patched:
        patched.syspath_prepend(folder)
        importlib.import_module("premises_program")
        yield known
    del sys.modules["premises_program"]


@pytest.mark.parametrize(
    "name",
    [
        "treatment_rooms", "room_number", "premises", "visits_made", "visit_id", "reason_text", "stamped_at",
        "occupancy", "corridor", "wing", "floors", "storey", "state", "lamp", "lights", "watt", "brightness",
    ],
)  # fmt: skip
def test_a_name_is_known_that_the_source_declares_or_queries(names: SourceNames, name: str):
    """Tables, columns, mixins', labels and what stands in pieces of SQL are known as soon as the module is loaded."""
    assert names.knows(name)


@pytest.mark.parametrize("name", ["clinic_handrail_rows", "wheel_chairs", "spare_lamps", "lift_shaft", "liftshaft"])
def test_a_table_that_is_named_after_its_class_is_known(names: SourceNames, name: str):
    """A name that a rule makes of a class's is as proven as the class, whatever else is inherited."""
    assert names.knows(name)


@pytest.mark.parametrize(
    "name", ["dana", "leas", "lea", "lower_bases", "named", "clinic_dana_rows", "clinic_rows", "orly"]
)
def test_a_table_whose_class_says_another_name_is_not(names: SourceNames, name: str):
    """A table's name that data makes stays unknown on a class of the source; so does a class that was only made."""
    assert not names.knows(name)


@pytest.mark.parametrize("name", ["gossip", "waiting", "depressio", "ajar", "order", "busiest", "premises_main"])
def test_other_words_of_the_source_are_not(names: SourceNames, name: str):
    """Prose, values of other texts and SQL's literals make no identifier known."""
    assert not names.knows(name)


@pytest.mark.parametrize(
    ("mark", "space"), [("$1::INTEGER", " "), ("%(storey)s", "\n     "), ("?", " "), (":storey", "  ")]
)
def test_a_statement_is_found_however_it_is_executed(names: SourceNames, mark: str, space: str):
    """A constant statement is recognised through every driver's marks for its parameters."""
    words = f"SELECT corridor, wing FROM floors WHERE storey = {mark} AND state = 'ajar'".split(" ")
    assert names.statement(space.join(words)) == (
        "SELECT corridor, wing FROM floors WHERE storey = :storey AND state = 'ajar'"
    )


def test_a_statement_with_another_literal_is_another(names: SourceNames):
    """A literal that the source doesn't have makes a statement unknown."""
    secret = "Dana"
    assert names.statement(f"SELECT corridor, wing FROM floors WHERE storey = 1 AND state = '{secret}'") is None


def test_a_database_of_the_source_is_known(names: SourceNames):
    """A URL or a file that stands in the source names its database, account and host."""
    assert "premises_main" in names.databases().names
    assert "svc_writer" in names.databases().users
    assert "db.premises.example" in names.databases().hosts
    assert names.has_file("premises.sqlite3")
    assert not names.has_file("{}.sqlite3".format("dana"))


def test_reflected_and_made_up_tables_are_not_known(names: SourceNames):
    """A table that is made of data at run time, a file's header row say, has unknown names, whatever made it."""
    import sqlalchemy

    cells = "Lea,Haifa,moderate,+972541234567".split(",")
    columns = [sqlalchemy.Column(cell, sqlalchemy.Text) for cell in cells]
    sqlalchemy.Table(cells[0], sqlalchemy.MetaData(), *columns)
    assert not any(map(names.knows, cells))
