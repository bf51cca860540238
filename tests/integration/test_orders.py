"""In whatever order a program is set up, and whatever fails in it: nothing leaves, and nothing breaks."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pazpaz_otel import runtime
from pazpaz_otel.settings import inherited

pytestmark = pytest.mark.long

PROGRAM = Path(__file__).parent / "apps" / "orders.py"
STEPS = (
    "provider",
    "propagator",
    "sentry",
    "basic_config",
    "dict_config",
    "record_factory",
    "application",
    "engine",
    "processor",
    "instrument",
    "configure",
)
NOWHERE = {f"OTEL_{signal}_EXPORTER": "none" for signal in ("TRACES", "METRICS", "LOGS")}


def _random(count: int, seed: int) -> list[list[str]]:
    shuffle = random.Random(seed)
    return [shuffle.sample(STEPS, len(STEPS)) for _ in range(count)]


def _one_apart() -> list[list[str]]:
    """Every step once as the only one before `configure`, and once as the only one after."""
    others = [step for step in STEPS if step != "configure"]
    alone = [[step, "configure", *(other for other in others if other != step)] for step in others]
    last = [[*(other for other in others if other != step), "configure", step] for step in others]
    return [*alone, *last]


def _run(tmp_path: Path, orders: list[dict[str, Any]], environment: dict[str, str] | None = None) -> list[Any]:
    file = tmp_path / "orders.json"
    file.write_text(json.dumps(orders))
    done = subprocess.run(
        [sys.executable, str(PROGRAM), str(file)],
        env=inherited({**NOWHERE, **(environment or {})}),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def _check(found: dict[str, Any]) -> None:
    assert "died" not in found, found
    assert (found["left"], found["broken"]) == ([], []), found["steps"]


@pytest.mark.parametrize(
    "orders",
    [_random(3, 1), pytest.param([*_one_apart(), *_random(24, 2)], marks=pytest.mark.slow)],
    ids=["a few", "many"],
)
def test_nothing_leaves_in_any_order(tmp_path: Path, orders: list[list[str]]) -> None:
    """With providers, propagators, Sentry, logging, application and engine before or after: all guarded, all works."""
    for found in _run(tmp_path, [{"steps": steps, "broken": None} for steps in orders]):
        _check(found)
        assert not found["closed"]
        assert found["readable"], found["steps"]


def _started(orders: list[list[str]], starts: tuple[str, ...]) -> list[list[str]]:
    """Return the orders with other starts in the place of `configure()`."""
    return [[found for step in order for found in (starts if step == "configure" else (step,))] for order in orders]


ZERO_CODE = ("initialize",)
TWICE = [("configure", "initialize"), ("initialize", "configure"), ("initialize", "initialize")]
FIRST = [["configure", *(step for step in STEPS if step != "configure")]]


@pytest.mark.parametrize(
    "orders",
    [
        _started([*FIRST, *_random(1, 4)], ZERO_CODE),
        pytest.param(_started([*_one_apart(), *_random(12, 5)], ZERO_CODE), marks=pytest.mark.slow),
        pytest.param([order for starts in TWICE for order in _started(_random(4, 6), starts)], marks=pytest.mark.slow),
    ],
    ids=["a few", "many", "started twice"],
)
def test_nothing_leaves_in_any_order_without_code(tmp_path: Path, orders: list[list[str]]) -> None:
    """As `opentelemetry-instrument` starts it, in any order, and where the program calls `configure()` as well."""
    for found in _run(tmp_path, [{"steps": steps, "broken": None} for steps in orders]):
        _check(found)
        assert not found["closed"]
        assert found["readable"], found["steps"]


NAMES = [name for name, _ in runtime.STEPS]


@pytest.mark.parametrize(
    ("start", "first", "names"),
    [
        ("configure", False, ["providers", NAMES[-1]]),
        ("configure", True, ["providers"]),
        ("initialize", True, ["providers"]),
        pytest.param("configure", True, NAMES, marks=pytest.mark.slow),
        pytest.param("configure", False, NAMES, marks=pytest.mark.slow),
        pytest.param("initialize", True, NAMES, marks=pytest.mark.slow),
    ],
    ids=["two steps", "one step before all", "zero code", "configure first", "configure last", "zero code, all"],
)
def test_an_exception_in_a_step_leaves_everything_closed(
    tmp_path: Path, start: str, first: bool, names: list[str]
) -> None:
    """Whichever start-up step raises: nothing leaves, one line says so, and the application runs."""
    others = [step for step in STEPS if step != "configure"]
    steps = [start, *others] if first else [*others, start]
    for found in _run(tmp_path, [{"steps": steps, "broken": name} for name in names]):
        _check(found)
        assert found["closed"], found["broken"]
        assert found["lines"] == 1, found


def test_a_broken_policy_leaves_everything_closed(tmp_path: Path) -> None:
    """With a policy that can't be used, in any order: nothing leaves, and the application runs."""
    policy = tmp_path / "policy.yaml"
    policy.write_text('version: 1\nextends: default\nmessages: ["a {b"]\n')
    orders = [{"steps": steps, "broken": None} for steps in [*_random(2, 3), *_started(_random(2, 3), ZERO_CODE)]]
    for found in _run(tmp_path, orders, {"PAZPAZ_OTEL_POLICY": str(policy)}):
        _check(found)
        assert found["closed"]
        assert found["lines"] == 1
