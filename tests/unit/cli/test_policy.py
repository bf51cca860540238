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


def test_check_names_line_and_hint(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A policy that can't be used exits with 1 and says in which line of which file."""
    broken = tmp_path / "broken.yaml"
    broken.write_text("version: 1\nextends: default\nattributes:\n  clinic.room: anything\n", encoding="utf-8")
    assert main(["policy", "check", str(broken)]) == 1
    assert f"{broken}:4: attributes.clinic.room" in capsys.readouterr().out


def test_check_says_every_fault_and_exits_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All faults are listed, as text and as JSON, each with its line and hint."""
    broken = tmp_path / "broken.yaml"
    broken.write_text("version: 1\nextends: default\nhosts: [a..b]\nmessages: ['a {b']\n", encoding="utf-8")
    assert main(["policy", "check", str(broken)]) == 1
    assert [line.split(": ")[0] for line in capsys.readouterr().out.splitlines()] == [
        f"{broken}:3",
        f"{broken}:4",
        str(broken),
    ]
    assert main(["policy", "check", str(broken), "--json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert [fault["line"] for fault in answer["faults"]] == [3, 4]
    assert all(fault["hint"] for fault in answer["faults"])


def test_check_warns_beside_faults(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A key that looks like a person's is named whatever else is wrong, as text and as JSON."""
    broken = tmp_path / "broken.yaml"
    broken.write_text(
        "version: 1\nextends: default\nattributes:\n  client.id: uuid\n  clinic.room: [anything]\n  4: {enum: 7}\n",
        encoding="utf-8",
    )
    assert main(["policy", "check", str(broken)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line.startswith(f"{broken}:4: warning: attributes.client.id: ")]
    assert main(["policy", "check", str(broken), "--json"]) == 1
    assert [one["line"] for one in json.loads(capsys.readouterr().out)["warnings"]] == [4]


@pytest.mark.parametrize(
    ("entry", "warned"),
    [
        ("client.id: uuid", True),
        ("patientId: uuid", True),
        ("customer_email: {kind: uuid, label: who}", True),
        ("diagnosis.code: uuid", True),
        ("workspace.owner: uuid", False),
        ("service.name: config", False),
        ("clinic.visits: {number: [0, 305123456]}", True),
        ("clinic.code: {enum: ['305123456']}", True),
        ("clinic.size: {number: [0, 500]}", False),
    ],
)
def test_check_warns_of_what_may_be_a_persons(
    entry: str, warned: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An identifier under a key that reads like a person's, and numbers of eight digits, are warned of, not refused."""
    file = tmp_path / "policy.yaml"
    file.write_text(f"version: 1\nextends: default\nattributes:\n  {entry}\n", encoding="utf-8")
    assert main(["policy", "check", str(file)]) == 0
    assert (f"{file}:4: warning: " in capsys.readouterr().out) == warned


def test_check_warns_where_extends_was_forgotten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that extends nothing drops what the instrumentations emit: it is said."""
    file = tmp_path / "policy.yaml"
    file.write_text("version: 1\nattributes: {clinic.room: uuid}\n", encoding="utf-8")
    assert main(["policy", "check", str(file)]) == 0
    assert "add `extends: default`" in capsys.readouterr().out


def test_check_of_a_missing_file_is_exit_code_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that isn't there, or a folder, can't be checked: that isn't the same as a fault in it."""
    assert main(["policy", "check", str(tmp_path / "none.yaml")]) == 2
    assert main(["policy", "check", str(tmp_path)]) == 2
    assert "there is no such file" in capsys.readouterr().err


def test_explain_says_what_becomes_of_a_key(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A declared key is explained with its kind, its label and the line that defines it."""
    assert main(["policy", "explain", "clinic.room", "--policy", str(own), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "key": "clinic.room",
        "leaves": True,
        "kind": "{enum: [blue, green]}",
        "handling": "leaves if it is one of: blue, green",
        "label": "clinic_room",
        "defined": f"{own}:4",
    }


def test_explain_of_an_inherited_key_points_to_the_default(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A key that the project's file inherits is defined in the default policy."""
    assert main(["policy", "explain", "http.route", "--policy", str(own), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["defined"].startswith("conventions.yaml:")


def test_explain_of_an_unlisted_key(capsys: pytest.CaptureFixture[str]) -> None:
    """A key that no policy names is dropped, and the exit code says so."""
    assert main(["policy", "explain", "client.name"]) == 1
    assert "dropped and counted" in capsys.readouterr().out


def test_explain_knows_the_semantic_conventions(capsys: pytest.CaptureFixture[str]) -> None:
    """Of an attribute that the conventions have it says why it is refused, or the line that lets it through."""
    assert main(["policy", "explain", "client.address"]) == 1
    assert "but refused: a network address" in capsys.readouterr().out
    assert main(["policy", "explain", "tls.established"]) == 1
    assert "tls.established: bool" in capsys.readouterr().out


def test_explain_of_a_file_lists_its_own_keys(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file is explained by the keys and metrics that it declares itself."""
    assert main(["policy", "explain", str(own), "--json"]) == 0
    entries = json.loads(capsys.readouterr().out)
    assert [entry["key"] for entry in entries] == ["clinic.room", "rooms.used"]
    assert "at most 5 series" in entries[1]["handling"]


def test_a_missing_file_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Explaining with a policy that isn't there can't be done: exit code 2, one line on standard error."""
    assert main(["policy", "explain", "http.route", "--policy", str(tmp_path / "none.yaml")]) == 2
    assert "there is no such file" in capsys.readouterr().err


def test_check_takes_the_file_that_the_environment_names(
    own: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As messages name the command without a file, it checks the policy in force, or says how to name one."""
    monkeypatch.setenv("PAZPAZ_OTEL_POLICY", str(own))
    assert main(["policy", "check"]) == 0
    told = capsys.readouterr().out
    assert told.startswith(f"{own}: ok")
    monkeypatch.delenv("PAZPAZ_OTEL_POLICY")
    assert main(["policy", "check"]) == 2
    told = capsys.readouterr().err
    assert "set PAZPAZ_OTEL_POLICY" in told
