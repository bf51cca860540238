"""The page on reliability has an expression for stores without `anchored`; a real Prometheus evaluates it."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.faults.report import PAGE
from tests.programs import debian_binary, promtool_binary

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.stack

GENERATIONS = {"prometheus 3": promtool_binary, "prometheus 2.42": lambda: debian_binary("promtool")}
COUNTED = 80


@pytest.mark.parametrize("generation", GENERATIONS)
@pytest.mark.parametrize(
    ("away", "look_back", "measured"), [(100, "1h", COUNTED), (300, "1h", 120), (300, "2h", COUNTED)]
)
def test_an_outage_shorter_than_the_look_back_adds_nothing(
    tmp_path: Path, generation: str, away: int, look_back: str, measured: int
) -> None:
    """Every event counts once, the first included, unless the series was away for longer than the page says."""
    documented = re.search(r"`sum by \(workspace_id\) \((sum_over_time.*)\)`", PAGE.read_text(encoding="utf-8"))
    assert documented is not None
    query = documented[1].replace("x[1h]", f"x[{look_back}]").replace("[1h:15s]", "[3h:15s]")
    before, after = COUNTED // 2, COUNTED // 2
    test = {
        "interval": "15s",
        "input_series": [{"series": "x", "values": f"0+1x{before} _x{away} {before + 1}+1x{after}"}],
        "promql_expr_test": [
            {
                "expr": query,
                "eval_time": f"{15 * (before + away + after)}s",
                "exp_samples": [{"labels": "{}", "value": measured}],
            }
        ],
    }
    file = tmp_path / "expression.yml"
    file.write_text(yaml.safe_dump({"evaluation_interval": "15s", "tests": [test]}), encoding="utf-8")
    done = subprocess.run(
        [GENERATIONS[generation](), "test", "rules", str(file)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
