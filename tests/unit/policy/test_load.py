"""Reading a policy: what it takes, and what it says of what it doesn't take."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

import pytest

from pazpaz_otel.errors import PolicyError
from pazpaz_otel.policy import load_policy
from pazpaz_otel.policy.document import Document
from pazpaz_otel.policy.load import build
from pazpaz_otel.policy.vocabulary import attributes

if TYPE_CHECKING:
    from pathlib import Path

PROJECT = """\
version: 1
extends: default
attributes:
  clinic.room: {enum: [blue, green], label: room}
metrics:
  rooms.booked: {type: counter, unit: "{room}", attributes: [workspace.id, clinic.room], limit: 10}
hosts: [API.pazpaz.example]
messages: ["Clinic is closed on {weekday}"]
sentry: {tags: {clinic.room: {enum: [blue, green]}}, ignore_errors: [Busy]}
"""


def write(folder: Path, text: str) -> Path:
    file = folder / "policy.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_project_extends_the_default(tmp_path: Path):
    """A project's file adds to what the package ships, and replaces nothing that it doesn't name."""
    default, project = load_policy(), load_policy(write(tmp_path, PROJECT))
    assert set(project.attributes) - set(default.attributes) == {"clinic.room"}
    assert project.attributes["clinic.room"].kind.values == ("blue", "green")
    assert project.attributes["clinic.room"].prometheus_label == "room"
    assert project.metrics["rooms.booked"].limit == 10
    assert project.hosts == {"api.pazpaz.example"}
    assert set(project.messages) - set(default.messages) == {"Clinic is closed on {weekday}"}
    assert project.sentry.ignore_errors == tuple(sorted({*default.sentry.ignore_errors, "Busy"}))
    assert set(project.sentry.tags) == {*default.sentry.tags, "clinic.room"}


def test_without_extends_nothing_is_inherited(tmp_path: Path):
    """A file that extends nothing allows only what it names."""
    policy = load_policy(write(tmp_path, "version: 1\nattributes: {clinic.room: uuid}\n"))
    assert set(policy.attributes) == {"clinic.room"}
    assert policy.metrics == {}


def test_the_digest_follows_the_content(tmp_path: Path):
    """Comments and order don't change the digest; a rule does."""
    one = load_policy(write(tmp_path, "version: 1\nattributes: {a.b: uuid, c.d: bool}\n")).digest
    same = load_policy(write(tmp_path, "# a comment\nversion: 1\nattributes: {c.d: bool, a.b: uuid}\n")).digest
    other = load_policy(write(tmp_path, "version: 1\nattributes: {a.b: bool, c.d: bool}\n")).digest
    assert one == same
    assert one != other


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("version: 1\nattributes:\n  a.b: uuidd\n", 3, "attributes.a.b: `uuidd` isn't a kind"),
        ("version: 1\nattributes:\n  x: {enum: []}\n", 3, "attributes.x.enum"),
        (
            "version: 1\nattributes:\n  x: {number: [5, 1]}\n",
            3,
            "x.number: the minimum, 5, is greater than the maximum, 1",
        ),
        ("version: 1\nattributes:\n  x: number\n", 3, "attributes.x: `number` isn't a kind"),
        ("version: 2\n", 1, "version: is `2`, not 1"),
        ("attributes: {}\n", 1, "the policy: `version` is missing"),
        ("version: 1\nbogus: 1\n", 2, "bogus: there is no such entry here"),
        ("version: 1\nversion: 1\n", 2, "`version` occurs twice"),
        ("- version\n", 1, "a policy must be a mapping"),
        ("version: 1\n  x: [\n", 2, "not YAML"),
        ("version: 1\nmetrics:\n  m: {type: counter, attributes: [z]}\n", 3, "the attribute `z` isn't declared"),
        ("version: 1\nmetrics:\n  m: {type: counter, buckets: [1]}\n", 3, "only a histogram has buckets"),
        ("version: 1\nmetrics:\n  m: {type: histogram, buckets: [2, 1]}\n", 3, "boundaries must increase"),
        ("version: 1\nmetrics:\n  m: {type: count}\n", 3, "metrics.m.type"),
        (
            (
                "version: 1\nattributes:\n  a: {kind: uuid, label: l}\n  b: {kind: uuid, label: l}\n"
                "metrics:\n  m: {type: counter, attributes: [a, b]}\n"
            ),
            6,
            "the same Prometheus label",
        ),
    ],
)
def test_an_error_gives_file_line_problem_and_hint(tmp_path: Path, text: str, line: int, problem: str):
    """What can't be used is refused with its file, its line, what is wrong, and what to write instead."""
    file = write(tmp_path, text)
    with pytest.raises(PolicyError) as caught:
        load_policy(file)
    assert caught.value.line == line
    assert str(caught.value).startswith(f"{file}:{line}: ")
    assert problem in caught.value.problem
    assert caught.value.hint or "YAML" in problem or "twice" in problem


def test_a_missing_file(tmp_path: Path):
    """A file that isn't there is said, with the variable that names it."""
    with pytest.raises(
        PolicyError, match=r"there is no such file .give the path of a policy file, or default or pazpaz"
    ):
        load_policy(tmp_path / "none.yaml")


def test_yaml_cannot_run_code(tmp_path: Path):
    """A tag that would make an object is refused."""
    with pytest.raises(PolicyError):
        load_policy(write(tmp_path, "version: !!python/object/apply:os.getcwd []\n"))


def test_no_number_of_the_default_policy_holds_an_identity():
    """Every bounded number of the default policy has fewer than eight digits."""
    bounds = [rule.kind.maximum for rule in load_policy().attributes.values() if rule.kind.maximum is not None]
    assert bounds
    assert max(bounds) < 10_000_000


def test_the_shipped_policy_has_no_fault():
    """The package's own file is checked here, so that a process needn't check it again."""
    text = files("pazpaz_otel.policy").joinpath("default.yaml").read_text(encoding="utf-8")
    whole, other = Document(text, "default.yaml"), Document(text.replace("version: 1", "version: 2"), "default.yaml")
    for document in (whole, other):
        document.data["attributes"] = {**attributes(), **document.data["attributes"]}
    assert build(whole).digest == load_policy().digest
    with pytest.raises(PolicyError):
        build(other)


def test_a_shipped_policy_is_used_by_its_name():
    """`pazpaz` names the policy for a back end that counts in prometheus_client; it fits the schema, as any other."""
    text = files("pazpaz_otel.policy").joinpath("pazpaz.yaml").read_text(encoding="utf-8")
    assert build(Document(text, "a copy.yaml")).digest == load_policy("pazpaz").digest
    extended = build(Document("version: 1\nextends: pazpaz\n", "own.yaml"))
    assert extended.metrics.keys() == load_policy("pazpaz").metrics.keys() > load_policy().metrics.keys()
