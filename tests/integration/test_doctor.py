"""What `pazpaz-otel doctor` says of a set-up: policy, variables, distributions, workers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pazpaz_otel.settings import inherited
from tests.integration.doctor import doctor, run

pytestmark = [pytest.mark.slow, pytest.mark.long]


def test_a_broken_policy_is_named(tmp_path: Path) -> None:
    """A policy that can't be used is a fault, with its file and line."""
    broken = tmp_path / "broken.yaml"
    broken.write_text("version: 1\nextends: default\nattributes: {a: nothing}\n")
    code, findings, _ = doctor(tmp_path, {"PAZPAZ_OTEL_POLICY": str(broken)}, "--no-send")
    assert code == 1
    assert findings["guards"][0] == "fault"
    assert "broken.yaml:3" in findings["guards"][1]


def test_another_distribution_that_is_named_is_a_fault(tmp_path: Path) -> None:
    """Settings that choose an unguarded distribution are a fault."""
    settings = {"OTEL_PYTHON_CONFIGURATOR": "configurator"}
    code, findings, _ = doctor(tmp_path, settings, "--no-send")
    assert code == 1
    assert findings["OTEL_PYTHON_CONFIGURATOR"][0] == "fault"


def test_a_policy_that_the_collector_does_not_know(tmp_path: Path) -> None:
    """A wall that was rendered from another policy is a fault; the one that this policy makes isn't."""
    shipped = str(Path(__file__).parents[2] / "collector")
    code, findings, _ = doctor(tmp_path, {}, "--no-send", "--collector", shipped)
    assert (code, findings["Collector"][0]) == (0, "ok")
    own = tmp_path / "policy.yaml"
    own.write_text("version: 1\nextends: default\nattributes: {clinic.room: {enum: [blue]}}\n")
    code, findings, output = doctor(tmp_path, {"PAZPAZ_OTEL_POLICY": str(own)}, "--no-send", "--collector", shipped)
    assert (code, findings["Collector"][0]) == (1, "fault")
    assert "collector render" in output


def test_workers_without_a_ledger(tmp_path: Path) -> None:
    """Several workers that each serve their own counts are a fault, with the hint; that each export deltas, a note."""
    settings = {"WEB_CONCURRENCY": "4", "PAZPAZ_OTEL_LEDGER": "off", "OTEL_METRICS_EXPORTER": "prometheus"}
    code, findings, output = doctor(tmp_path, settings, "--no-send")
    assert (code, findings["workers"][0]) == (1, "fault")
    assert "PAZPAZ_OTEL_LEDGER" in output
    _, findings, _ = doctor(tmp_path, {"WEB_CONCURRENCY": "4"}, "--no-send")
    assert findings["workers"][0] == "ok"
    deltas = {"WEB_CONCURRENCY": "4", "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE": "delta"}
    _, findings, _ = doctor(tmp_path, deltas, "--no-send")
    assert findings["workers"][0] == "note"
    assert "each exports deltas" in findings["workers"][1]


def test_the_verdict_comes_first(tmp_path: Path) -> None:
    """A person reads the verdict, then the faults with their hints; no escape is written where there is no terminal."""
    done = run(tmp_path, {"OTEL_EXPORTER_OTLP_PROTOCOL": "grcp", "OTEL_TRACES_EXPORTER": "none"}, "--no-send")
    first, _, *rest = done.stdout.splitlines()
    assert done.returncode == 1
    assert first.startswith("1 fault, ")
    assert rest[0].startswith("FAULT OTEL_EXPORTER_OTLP_PROTOCOL")
    assert "\x1b[" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 120


def test_a_setting_of_ours_that_cannot_be_used(tmp_path: Path) -> None:
    """A value that is no value of its variable is a finding with a hint, and everything else is looked at."""
    code, findings, output = doctor(tmp_path, {"PAZPAZ_OTEL_GUARD_OUTPUT": "ja", "ENABLE_METRICS": "2"}, "--no-send")
    assert code == 1
    for name in ("PAZPAZ_OTEL_GUARD_OUTPUT", "ENABLE_METRICS"):
        assert findings[name] == ("fault", "must be true or false: nothing is exported")
    assert "unset it" in output
    assert "opentelemetry_distro" in findings


def test_a_policy_without_the_default(tmp_path: Path) -> None:
    """A policy that extends nothing works, and is pointed at; our own metrics aren't offered for declaration."""
    own = tmp_path / "policy.yaml"
    own.write_text("version: 1\nattributes: {clinic.room: uuid}\n")
    _, _, output = doctor(tmp_path, {"PAZPAZ_OTEL_POLICY": str(own)}, "--no-send")
    assert "doesn't extend `default`" in output
    assert "extends: default" in output
    assert "pazpaz_otel.guard.dropped" not in output


def test_a_fault_of_the_policy_is_not_buried(tmp_path: Path) -> None:
    """What follows from a policy that can't be used isn't told beside it; the cure is."""
    own = tmp_path / "policy.yaml"
    own.write_text("version: 1\nextends: default\nattributes: [\n")
    code, findings, output = doctor(tmp_path, {"PAZPAZ_OTEL_POLICY": str(own)}, "--no-send")
    assert code == 1
    assert not [subject for subject in findings if subject.startswith("instrumentation")]
    assert "policy check" in output


WRONG = {
    "OTEL_RESOURCE_ATTRIBUTES": "service.version:1.4",
    "OTEL_EXPORTER_OTLP_HEADERS": "Authorization: Bearer abc",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9",
}
"""Variables of which the SDK complains each time that it reads them."""


def test_the_sdks_own_complaints_stand_aside(tmp_path: Path) -> None:
    """Above the findings nothing repeats them; an application that starts has each complaint once, as a whole line."""
    assert run(tmp_path, WRONG).stderr == ""
    program = str(Path(sys.executable).with_name("opentelemetry-instrument"))
    done = subprocess.run(
        [program, sys.executable, "-c", ""],
        env=inherited(WRONG),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Logging error" not in done.stderr
    for complaint in ("Invalid key value resource attribute pair", "Header format invalid!"):
        assert done.stderr.count(complaint) == 1, done.stderr
