"""`pazpaz-otel policy`, from its arguments to its exit code and output."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from pazpaz_otel.cli import main

if TYPE_CHECKING:
    from pathlib import Path

OWN = """\
version: 1
extends: default
attributes:
  clinic.room: {enum: [blue, green]}
metrics:
  rooms.used: {type: counter, unit: "{room}", attributes: [clinic.room], limit: 5}
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A project's own policy."""
    file = tmp_path / "own.yaml"
    file.write_text(OWN, encoding="utf-8")
    return file


def test_check_accepts_a_good_file(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A policy that can be used is counted and named by its digest."""
    assert main(["policy", "check", str(own), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["ok"] is True
    assert answer["metrics"] > 1
    assert len(answer["digest"]) == 16


def test_check_names_line_and_cure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A policy that can't be used exits with 1 and says in which line of which file."""
    broken = tmp_path / "broken.yaml"
    broken.write_text("version: 1\nextends: default\nattributes:\n  clinic.room: anything\n", encoding="utf-8")
    assert main(["policy", "check", str(broken)]) == 1
    assert f"{broken}:4: attributes.clinic.room" in capsys.readouterr().out


def test_explain_says_what_becomes_of_a_key(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A declared key is explained with its kind, its label and the line that defines it."""
    assert main(["policy", "explain", "clinic.room", "--policy", str(own), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "key": "clinic.room",
        "leaves": True,
        "kind": "{enum: [blue, green]}",
        "fate": "leaves if it is one of: blue, green",
        "label": "clinic_room",
        "defined": f"{own}:4",
    }


def test_explain_of_an_inherited_key_points_to_the_default(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A key that the project's file inherits is defined in the default policy."""
    assert main(["policy", "explain", "http.route", "--policy", str(own), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["defined"].startswith("default.yaml:")


def test_explain_of_an_unlisted_key(capsys: pytest.CaptureFixture[str]) -> None:
    """A key that no policy names is dropped, and the exit code says so."""
    assert main(["policy", "explain", "client.name"]) == 1
    assert "dropped and counted" in capsys.readouterr().out


def test_explain_of_a_file_lists_its_own_keys(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file is explained by the keys and metrics that it declares itself."""
    assert main(["policy", "explain", str(own), "--json"]) == 0
    entries = json.loads(capsys.readouterr().out)
    assert [entry["key"] for entry in entries] == ["clinic.room", "rooms.used"]
    assert "at most 5 series" in entries[1]["fate"]


def test_a_missing_file_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Explaining with a policy that isn't there can't be done: exit code 2, one line on standard error."""
    assert main(["policy", "explain", "http.route", "--policy", str(tmp_path / "none.yaml")]) == 2
    assert "there is no such file" in capsys.readouterr().err


def test_every_kind_is_described() -> None:
    """No kind that a policy may name is left without words of its own."""
    from pazpaz_otel.cli.describe import fate_of
    from pazpaz_otel.policy.kinds import NAMES, make_kind

    for name in NAMES:
        kind = make_kind(name, values=("a",), minimum=0, maximum=1)
        assert fate_of(kind) != "leaves if it belongs to its kind", name
