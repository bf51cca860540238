"""What of a policy can't be used: each fault at once, with its line, the value and the hint."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from pazpaz_otel.errors import PolicyError
from pazpaz_otel.policy import load_policy
from pazpaz_otel.policy.document import Document
from pazpaz_otel.policy.schema import faults, schema

if TYPE_CHECKING:
    from pathlib import Path


def refused(folder: Path, text: str) -> list[PolicyError]:
    """The faults of a policy with that text."""
    file = folder / "policy.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(PolicyError) as caught:
        load_policy(file)
    return list(caught.value.faults)


MANY = """\
version: 1
attributes:
  clinic.room: uuidd
  clinic.floor: {number: [5, 1]}
  clinic.open: {enum: [yes, no]}
  404: uuid
  clinic.size: {number: [.nan, 1]}
metrics:
  rooms.used: {type: counter, attributes: [http.route]}
  rooms_used: {type: counter}
messages: ["Clinic is closed on {weekday"]
hosts: ["https://api.example.com"]
sentry: {items: [event, transaction]}
sql: {identifiers: audit_log}
nonsense: 1
"""


def test_all_faults_are_told_at_once(tmp_path: Path):
    """Every fault comes with its line and a hint, in the order of the file; the first stands for all in one line."""
    found = refused(tmp_path, MANY)
    assert [(fault.line, fault.problem) for fault in found] == [
        (3, "attributes.clinic.room: `uuidd` isn't a kind"),
        (4, "attributes.clinic.floor.number: the minimum, 5, is greater than the maximum, 1"),
        (5, "attributes.clinic.open.enum.0: YAML parses yes as true, not as text"),
        (5, "attributes.clinic.open.enum.1: YAML parses no as false, not as text"),
        (6, "attributes.404: YAML parses the key as 404"),
        (7, "attributes.clinic.size.number.0: is `.nan`"),
        (9, "metrics.rooms.used.attributes.0: the attribute `http.route` isn't declared"),
        (10, "metrics.rooms_used: Prometheus shows it as `rooms_used_total`, which `rooms.used` has too"),
        (11, "messages.0: an unmatched brace"),
        (12, "hosts.0: `https://api.example.com` isn't a host"),
        (13, "sentry.items.1: `transaction` isn't allowed here"),
        (14, "sql.identifiers: is `audit_log`, not a list"),
        (15, "nonsense: there is no such entry here"),
    ]
    assert all(fault.hint for fault in found)
    assert "did you mean uuid?" in str(found[0].hint)
    assert found[5].hint == "a finite number"
    assert "extends: default" in str(found[6].hint)
    assert str(found[0]).count("\n") == 0
    assert "and 12 more" in str(found[0])


def test_what_only_compares_equal_does_not_occur_twice(tmp_path: Path):
    """YAML's `on` is no repetition of 1, though Python calls them equal; a member that stands there twice is."""
    open_ = "version: 1\nattributes:\n  clinic.open: {enum: [on, 1]}\n"
    assert [fault.problem.rpartition(": ")[2] for fault in refused(tmp_path, open_)] == [
        "YAML parses on as true, not as text",
        "YAML parses 1 as 1, not as text",
    ]
    twice = "version: 1\nattributes:\n  clinic.open: {enum: [a, b, a]}\n"
    assert ["`a` occurs twice" in fault.problem for fault in refused(tmp_path, twice)] == [True]


@pytest.mark.parametrize(
    ("entry", "hint"),
    [
        ("attributes: {a.b: string}", "did you mean text?"),
        ("attributes: {a.b: guid}", "did you mean uuid?"),
        ("attributes: {a.b: number}", "{number: [minimum, maximum]}"),
        ("attributes: {a.b: enum}", "{enum: [a, b]}"),
        ("attributes: {a.b: {kind: durration}}", "did you mean duration?"),
        ("atributes: {}", "did you mean attributes?"),
        ("metrics: {m: {type: countr}}", "did you mean counter?"),
        ("attributes: {a.b: {enum: [on, off]}}", 'quote it: "on"'),
        ("attributes: {a.b: {enum: [404]}}", 'quote it: "404"'),
    ],
)
def test_a_slip_is_answered_with_what_was_meant(tmp_path: Path, entry: str, hint: str):
    """A misspelt name is answered with the nearest, a value that YAML reads as something else with quotes."""
    assert hint in str(refused(tmp_path, f"version: 1\nextends: default\n{entry}\n")[0].hint)


@pytest.mark.parametrize(
    "entry",
    [
        "messages: [{}]",
        "messages: [a, 1]",
        "hosts: [[]]",
        "sql: {identifiers: 5}",
        "sql: {identifiers: [{}]}",
        "sentry: {tags: 5}",
        "sentry: {ignore_errors: [[]]}",
        "baggage: {a: {kind: uuid, hosts: [{}]}}",
        "metrics: {m.x: {type: counter, attributes: [{}]}}",
        "metrics: {m.x: {type: histogram, buckets: [a, 1]}}",
        "metrics: {m.x: {type: counter, range: [a, {}]}}",
        "attributes: {a.b: {enum: [{}]}}",
    ],
)
def test_an_entry_of_another_type_is_a_fault(entry: str, tmp_path: Path):
    """Whatever stands in the place of a text is named with its line, and raises nothing else."""
    assert {fault.line for fault in refused(tmp_path, f"version: 1\nextends: default\n{entry}\n")} == {3}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("a.b: {type: counter}", "a_b: {type: counter}"),
        ("a.b: {type: counter}", "a.b.total: {type: counter}"),
        ("a: {type: histogram, unit: s}", "a.seconds: {type: histogram, unit: s}"),
        ("a: {type: gauge, unit: By}", "a_bytes: {type: gauge}"),
        ("a: {type: histogram}", "a.count: {type: gauge}"),
        ("a: {type: counter, unit: By/s}", "a_bytes_per_second: {type: counter}"),
        ("a: {type: gauge, unit: '1'}", "a_ratio: {type: gauge}"),
        ("http.requests: {type: counter}", ""),
        ("http_server_request_duration_seconds: {type: gauge}", ""),
    ],
)
def test_metrics_that_collide_in_prometheus(tmp_path: Path, first: str, second: str):
    """Two instruments that Prometheus would show under one name are refused, inherited and derived ones included."""
    text = f"version: 1\nextends: default\nmetrics:\n  {first}\n" + (f"  {second}\n" if second else "")
    (fault,) = refused(tmp_path, text)
    assert "Prometheus shows it as" in fault.problem


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ("metrics: {m.x: {type: counter}, M.x: {type: counter}}", "case-insensitive"),
        ("metrics: {HTTP.server.request.duration: {type: histogram, unit: s}}", "case-insensitive"),
        (
            "metrics: {http.server.request.duration: {type: counter}}",
            "creates `http.server.request.duration` as histogram",
        ),
        ("metrics: {m.x: {type: counter, range: [-5, -1]}}", "can't be negative"),
        ("metrics: {m.x: {type: histogram, range: [-5, -0.5]}}", "can't be negative"),
        ("metrics: {up: {type: gauge}}", "Prometheus shows it as `up`"),
        ("metrics: {target.info: {type: gauge}}", "Prometheus shows it as `target_info`"),
        ("attributes: {a.b: {kind: uuid, label: le}}", "reserved by Prometheus"),
        ("attributes: {a.b: {kind: uuid, label: __b}}", "reserved by Prometheus"),
        ("attributes: {pazpaz_otel.policy.digest: uuid}", "of another kind"),
        ("sentry: {tags: {clinic room: uuid}}", "can't be a name here"),
        ("sentry: {tags: {release: version}}", "Sentry sets this tag itself"),
        ("sentry: {contexts: {trace: {a.b: uuid}}}", "takes its place"),
    ],
)
def test_what_can_never_work_is_refused(tmp_path: Path, entry: str, problem: str):
    """Names that OpenTelemetry, Prometheus or Sentry keep for themselves, another type than the instrument's."""
    (fault,) = refused(tmp_path, f"version: 1\nextends: default\n{entry}\n")
    assert problem in fault.problem


def test_a_range_below_zero_is_for_what_goes_down(tmp_path: Path):
    """A gauge and a counter that goes down may have values below zero alone."""
    file = tmp_path / "policy.yaml"
    rule = "range: [-5, -1]"
    file.write_text(f"version: 1\nmetrics: {{a: {{type: gauge, {rule}}}, b: {{type: up_down_counter, {rule}}}}}\n")
    assert len(load_policy(file).metrics) == 2


def test_metrics_that_only_look_alike(tmp_path: Path):
    """Instruments with different names in Prometheus stand beside each other."""
    file = tmp_path / "policy.yaml"
    file.write_text("version: 1\nmetrics: {a: {type: counter}, a.b: {type: gauge}, b: {type: histogram, unit: s}}\n")
    assert len(load_policy(file).metrics) == 3


@pytest.mark.parametrize(
    ("attributes", "problem"),
    [
        ("{a.b: uuid, a_b: uuid}", "the same Prometheus label"),
        ("{a.b: {kind: uuid, label: le}, a_b: uuid}", "reserved by Prometheus"),
        ("{a.b: {kind: uuid, label: __name__}, a_b: uuid}", "reserved by Prometheus"),
    ],
)
def test_labels_that_collide(tmp_path: Path, attributes: str, problem: str):
    """Two attributes of a metric under one label, or one under a label of Prometheus' own, are refused."""
    text = f"version: 1\nattributes: {attributes}\nmetrics:\n  m: {{type: counter, attributes: [a.b, a_b]}}\n"
    assert problem in refused(tmp_path, text)[0].problem


@pytest.mark.parametrize(
    "host", ["a..b", "-a.example", "a.example:443", "305123456", "300.1.1.1", "a b", "user@a", "x/y", "*"]
)
def test_a_host_is_a_name_alone(tmp_path: Path, host: str):
    """What isn't a host's name can't be listed, nor be one that baggage goes to."""
    assert "isn't a host" in refused(tmp_path, f'version: 1\nhosts: ["{host}"]\n')[0].problem
    text = f'version: 1\nbaggage: {{a.b: {{kind: uuid, hosts: ["{host}"]}}}}\n'
    assert "isn't a host" in refused(tmp_path, text)[0].problem


@pytest.mark.parametrize("message", ["a {b", "a }b", "{anything}", "{a}{b}", "{a} - {b}", "{a!}"])
def test_a_message_has_words_and_whole_places(tmp_path: Path, message: str):
    """A message with a lone brace, or of places only, is refused before a process starts with it."""
    assert refused(tmp_path, f'version: 1\nmessages: ["{message}"]\n')


def test_baggage_needs_a_kind_that_the_value_proves(tmp_path: Path):
    """A kind that only the process proves would never go out as baggage: it is refused, not ignored."""
    found = refused(tmp_path, "version: 1\nbaggage: {a.b: {kind: route, hosts: [a.example]}}\n")
    assert "none would be sent" in found[0].problem


BOMB = "version: 1\n" + "".join(
    f"k{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10) if level else 'x'}]\n" for level in range(12)
)


@pytest.mark.parametrize(
    "text",
    [
        BOMB,
        "version: 1\nattributes: " + "[" * 100_000,
        "version: 1\nattributes: " + "{a: " * 50_000,
        "version: 1\n" + "- " * 50_000,
        "version: 1\nattributes: &a {b: *a}\n",
        "version: 1\nx: &a [&b [*a]]\n",
        "? " * 30_000,
        "a" * 2_000_000,
    ],
    ids=["bomb", "lists", "mappings", "dashes", "itself", "itself inside", "keys", "large"],
)
def test_what_grows_is_refused_before_it_does(tmp_path: Path, text: str):
    """Aliases of aliases, deep nesting, anchors that hold themselves and huge files are one fault, in bounded work."""
    (fault,) = refused(tmp_path, text)
    assert len(str(fault)) < 600


VALID: dict[str, Any] = {
    "version": 1,
    "extends": "default",
    "attributes": {
        "clinic.room": {"enum": ["blue"], "label": "room"},
        "clinic.size": {"number": [0, 5]},
        "a.b": "uuid",
    },
    "metrics": {"rooms.used": {"type": "histogram", "buckets": [1, 2], "attributes": ["a.b"], "range": [0, 5]}},
    "hosts": ["api.example.com"],
    "messages": ["Clinic is closed"],
    "sql": {"identifiers": ["audit_log"]},
    "baggage": {"a.b": {"kind": "uuid", "hosts": ["billing.internal"]}},
    "sentry": {"tags": {"a.b": "uuid"}, "contexts": {"x": {"y": "bool"}}, "ignore_errors": ["E"], "items": ["event"]},
}
BROKEN = st.sampled_from(
    [None, True, 7, -1, 1e400, "", "x y", "uuid", [], {}, [1], ["a", "a"], {"x": 1}, {"kind": "uuid"}]
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths to everything in a document."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(inner for key, member in members for inner in places(member, (*path, key)))]


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=400, deadline=None)
@given(data=st.data())
def test_the_schema_and_the_check_agree(data: st.DataObject):
    """What the published schema refuses the check refuses, and nothing else; whatever stands at whatever place."""
    document = copy.deepcopy(VALID)
    path = data.draw(st.sampled_from(places(document)[1:]))
    broken = data.draw(BROKEN)
    holder = document
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = broken
    read = Document(yaml.safe_dump(document), "policy.yaml")
    fits = Draft202012Validator(schema()).is_valid(read.data)
    if broken == 1e400:
        # JSON has no infinity.
        return
    assert (faults(read) == []) == fits, faults(read)
