"""`pazpaz-otel policy init`, `learn` and `diff`, from their arguments to exit code and output."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from pazpaz_otel.cli import main
from pazpaz_otel.policy import load_policy

if TYPE_CHECKING:
    from pathlib import Path


def policy(folder: Path, name: str, text: str) -> str:
    """A policy file that extends the default."""
    file = folder / name
    file.write_text(f"version: 1\nextends: default\n{text}", encoding="utf-8")
    return str(file)


def test_init_starts_a_policy_that_can_be_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The file passes the check without a warning, as it is and with its examples taken in, and isn't written over."""
    file = tmp_path / "policy.yaml"
    assert main(["policy", "init", str(file)]) == 0
    assert main(["policy", "check", str(file)]) == 0
    assert "warning" not in capsys.readouterr().out
    examples = [
        line.removeprefix("  # ") if line.startswith("  # ") else None for line in file.read_text().splitlines()
    ]
    assert len([one for one in examples if one]) == 5
    text = file.read_text().replace("  # ", "  ")
    file.write_text(text)
    assert main(["policy", "check", str(file)]) == 0
    assert main(["policy", "init", str(file)]) == 2
    assert file.read_text() == text


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("", "attributes: {clinic.room: uuid}", "+ attributes.clinic.room: a new key"),
        ("attributes: {clinic.room: {enum: [a]}}", "attributes: {clinic.room: {enum: [a, b]}}", "+ attributes.clinic"),
        ("attributes: {clinic.size: {number: [0, 5]}}", "attributes: {clinic.size: {number: [0, 9]}}", "is {number"),
        ("attributes: {clinic.room: uuid}", "attributes: {clinic.room: text}", "+ attributes.clinic.room: is text"),
        ("", "hosts: [a.example]", "+ hosts.a.example"),
        ("", "messages: ['Clinic is {state}']", "+ messages.Clinic is {state}"),
        ("", "metrics: {rooms.used: {type: counter}}", "+ metrics.rooms.used: a new counter"),
        (
            "metrics: {rooms.used: {type: counter, range: [0, 5]}}",
            "metrics: {rooms.used: {type: counter}}",
            "+ metrics.rooms.used: takes values of the default range",
        ),
        ("undeclared_metrics: drop", "", "+ undeclared_metrics: undeclared metrics leave"),
        ("", "sql: {identifiers: [audit_log]}", "+ sql.identifiers.audit_log"),
        ("", "baggage: {a.b: {kind: uuid, hosts: [a.example]}}", "+ baggage.a.b: a new key"),
        (
            "baggage: {a.b: {kind: uuid, hosts: [a.example]}}",
            "baggage: {a.b: {kind: uuid, hosts: [a.example, b.example]}}",
            "+ baggage.a.b.hosts.b.example",
        ),
        ("", "sentry: {tags: {clinic.room: uuid}}", "+ sentry.tags.clinic.room"),
        ("", "sentry: {contexts: {clinic: {room: uuid}}}", "+ sentry.contexts.clinic.room"),
        ("sentry: {ignore_errors: [Busy]}", "", "+ sentry.ignore_errors.Busy: errors of this class are sent"),
    ],
)
def test_diff_says_what_a_change_lets_out(
    old: str, new: str, line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What lets out more is a plus and exit code 1; the same change backwards is a minus and exit code 0."""
    one, other = policy(tmp_path, "old.yaml", old), policy(tmp_path, "new.yaml", new)
    assert main(["policy", "diff", one, other]) == 1
    assert line in capsys.readouterr().out
    assert main(["policy", "diff", other, one, "--json"]) == (1 if "room: text" in new else 0)
    changes = json.loads(capsys.readouterr().out)["changes"]
    assert [change["effect"] for change in changes] == ["more" if "room: text" in new else "less"]


def test_diff_of_a_label_lets_out_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What only changes a name in Prometheus is told, and lets out nothing more."""
    one = policy(tmp_path, "old.yaml", "attributes: {clinic.room: uuid}")
    other = policy(tmp_path, "new.yaml", "attributes: {clinic.room: {kind: uuid, label: room}}")
    assert main(["policy", "diff", one, other]) == 0
    assert capsys.readouterr().out.startswith("~ attributes.clinic.room: its Prometheus label is `room`")
    assert main(["policy", "diff", one, one]) == 0
    assert main(["policy", "diff", "default", one]) == 1


def drop(**fields: Any) -> str:
    """A line as the process writes it."""
    return json.dumps({"surface": "span_attribute", "reason": "unlisted_key", **fields})


def test_learn_proposes_a_policy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Keys get the kind that their names suggest, a person's and what can't be guessed stay comments to decide on."""
    file = tmp_path / "explained.jsonl"
    lines = [
        drop(key="clinic.id", at="clinic/rooms.py:4"),
        drop(key="clinic.id", at="clinic/rooms.py:9"),
        drop(key="clinic.open_seconds"),
        drop(key="clinic.room_count", type="int"),
        drop(key="clinic.is_open", type="bool"),
        drop(key="clinic.colour", type="str", at="clinic/rooms.py:5"),
        drop(surface="resource", key="team", type="str"),
        drop(key="client.id"),
        drop(key="client.address"),
        drop(key="tls.established", type="bool"),
        drop(key="azure.cosmosdb.connection.mode", type="str"),
        drop(key="http.route"),
        drop(surface="metric", reason="undeclared", key="rooms.used", instrument="counter", unit="{room}"),
        drop(surface="span_attribute", reason="unknown_host", key="api.example.com"),
        drop(surface="log_body", reason="unproven_text", key="Clinic is closed on {weekday}"),
        drop(surface="log_body", reason="unproven_text"),
        drop(surface="resource", reason="refused_value", key="service.name", change="set OTEL_SERVICE_NAME"),
        drop(surface="resource", reason="refused_value", key="service.name", change="set it\nattributes: {x: name}"),
        "no JSON",
        drop(key="a b\nc: {enum: [x]}"),
    ]
    file.write_text("\n".join(lines), encoding="utf-8")
    assert main(["policy", "learn", str(file)]) == 0
    text = capsys.readouterr().out
    assert "  clinic.id: uuid  # 2x, clinic/rooms.py:4, clinic/rooms.py:9\n" in text
    assert "  # clinic.colour: {enum: [...]}  # 1x, clinic/rooms.py:5; which values?\n" in text
    assert "  # client.id: uuid  # 1x; looks like personal data" in text
    assert "  # client.address: {enum: [...]}  # 1x; a network address" in text
    assert "http.route" not in text
    proposed = tmp_path / "proposed.yaml"
    proposed.write_text(text, encoding="utf-8")
    learnt, default = load_policy(proposed), load_policy()
    assert {key: rule.kind.name for key, rule in learnt.attributes.items() if key not in default.attributes} == {
        "azure.cosmosdb.connection.mode": "enum",
        "tls.established": "bool",
        "team": "config",
        "clinic.id": "uuid",
        "clinic.is_open": "bool",
        "clinic.open_seconds": "duration",
        "clinic.room_count": "number",
    }
    assert learnt.metrics["rooms.used"].unit == "{room}"
    assert learnt.hosts == {"api.example.com"}
    assert "Clinic is closed on {weekday}" in learnt.messages
    assert "2 times unproven_text" not in text
    assert "1 time unproven_text: no policy entry can" in text
    assert "# 2 times refused_value: to let it out: set OTEL_SERVICE_NAME\n" in text
    assert "1 time a line in an unknown format" in text


def test_what_is_learnt_can_be_taken_in_line_by_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A section of comments alone is a policy before and after a line is taken in; what needs code has its places."""
    file, own = tmp_path / "explained.jsonl", tmp_path / "policy.yaml"
    lines = [drop(key="clinic.colour", at="clinic/rooms.py:5"), drop(at="clinic/rooms.py:8")]
    file.write_text("\n".join([*lines, drop(at="clinic/rooms.py:9")]), encoding="utf-8")
    assert main(["policy", "learn", str(file)]) == 0
    text = capsys.readouterr().out
    assert "2 times unlisted_key" in text
    assert text.rstrip().endswith(", at clinic/rooms.py:8, clinic/rooms.py:9")
    own.write_text(text, encoding="utf-8")
    assert main(["policy", "check", str(own)]) == 0
    own.write_text(
        text.replace("  # clinic.colour: {enum: [...]}", "  clinic.colour: {enum: [blue]}"), encoding="utf-8"
    )
    assert load_policy(own).attributes["clinic.colour"].kind.name == "enum"


def test_learn_reads_hostile_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever a file holds, what is proposed is a policy that can be read; a file that isn't there is exit code 2."""
    file = tmp_path / "explained.jsonl"
    names = r'x"|{|}|*a|&b|!!python/object:os.system|#|- x|%|{a|a: b #|[]|y: {enum: [a]}'.split("|")
    names += ["\n", "|", "'", "\u2028"]
    lines = [
        json.dumps({"surface": "s", "reason": reason, "key": name, "instrument": name, "unit": name, "at": name})
        for reason in ("unlisted_key", "undeclared", "unknown_host", "unproven_text")
        for name in names
    ]
    file.write_text("\n".join([*lines, "[]", "7", '{"surface": 1}', "{" * 1000]), encoding="utf-8")
    assert main(["policy", "learn", str(file)]) == 0
    proposed = tmp_path / "proposed.yaml"
    proposed.write_text(capsys.readouterr().out, encoding="utf-8")
    assert load_policy(proposed).attributes.keys() == load_policy().attributes.keys()
    assert main(["policy", "learn", str(tmp_path / "none")]) == 2
