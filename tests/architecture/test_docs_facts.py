"""What the documentation says of other files is true of them."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from pazpaz_otel import yaml_text
from pazpaz_otel.audit.canaries import CATEGORIES

ROOT = Path(__file__).parents[2]
COMPLIANCE = (ROOT / "docs" / "compliance.md").read_text(encoding="utf-8")
INCIDENT = (ROOT / "docs" / "incident.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", COMPLIANCE)))


@pytest.mark.parametrize(("file", "test"), NAMED, ids=[f"{file}::{test}" for file, test in NAMED])
def test_a_test_that_the_compliance_page_names_is_there(file: str, test: str):
    """Each line of the page points at a test that exists."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    names = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    assert test in names if test else any(name.startswith("test_") for name in names)


def test_every_category_of_invented_data_is_mapped():
    """The categories that the audit plants, and those that the page maps, are the same."""
    section = COMPLIANCE.partition("## The identifiers")[2].partition("\n## ")[0]
    mapped = {name for row in section.splitlines() if row.startswith("| (") for name in re.findall(r"`([^`]+)`", row)}
    assert mapped == set(CATEGORIES)
    assert re.findall(r"^\| \(([A-R])\)", section, re.MULTILINE) == list("ABCDEFGHIJKLMNOPQR")


@pytest.mark.parametrize(
    ("store", "days"),
    [
        ("Prometheus", lambda: _flag("storage.tsdb.retention.time")),
        ("Tempo", lambda: _hours("tempo/tempo.yaml", "block_retention") // 24),
        ("Loki", lambda: _hours("loki/loki.yaml", "retention_period") // 24),
    ],
)
def test_the_retention_that_is_told_is_the_one_that_is_set(store: str, days):
    """The table of stores gives the days that the configuration does."""
    [told] = re.findall(rf"^\| {store}[^|]*\| (\d+) days", INCIDENT, re.MULTILINE)
    assert int(told) == days()


def test_deleting_names_the_switch_that_it_needs():
    """The API that deletes series is off as shipped, so the page says what switches it on."""
    shipped = (ROOT / "deploy" / "compose" / "telemetry.yml").read_text(encoding="utf-8")
    assert "--web.enable-admin-api" not in shipped
    [row] = re.findall(r"^\| Prometheus \|.*$", INCIDENT, re.MULTILINE)
    assert "`--web.enable-admin-api`" in row


def _flag(name: str) -> int:
    text = (ROOT / "deploy" / "compose" / "telemetry.yml").read_text(encoding="utf-8")
    return int(re.findall(rf"--{re.escape(name)}=(\d+)d", text)[0])


def _hours(file: str, key: str) -> int:
    document = yaml_text.load((ROOT / "monitoring" / file).read_text(encoding="utf-8"))
    found = next(node[key] for node in _mappings(document) if key in node)
    return int(str(found).removesuffix("h"))


def _mappings(node: object):
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from _mappings(value)


def test_the_service_levels_page_has_the_thresholds():
    """What the page promises is what the alerts and the dashboard are rendered from."""
    page = (ROOT / "docs" / "operations" / "service-levels.md").read_text(encoding="utf-8")
    limits = {
        name: entry["value"]
        for name, entry in yaml_text.load((ROOT / "monitoring" / "thresholds.yaml").read_text(encoding="utf-8")).items()
    }
    promised = [row.split("|")[2].strip() for row in re.findall(r"^\| .*$", page, re.MULTILINE)[1:]]
    assert promised == [
        f"{limits['availability_objective'] * 100:g} %",
        f"{limits['latency_objective'] * 100:g} %",
        f"{limits['certificate_days']} days before it expires",
    ]
    assert f"within {limits['latency_seconds']} s" in page
    assert f'le="{limits["latency_seconds"]}"' in page
