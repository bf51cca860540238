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

pytestmark = [pytest.mark.slow, pytest.mark.long]

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
OTHERS = [step for step in STEPS if step != "configure"]
NOWHERE = {f"OTEL_{signal}_EXPORTER": "none" for signal in ("TRACES", "METRICS", "LOGS")}


def _random(count: int, seed: int) -> list[list[str]]:
    shuffle = random.Random(seed)
    return [shuffle.sample(STEPS, len(STEPS)) for _ in range(count)]


def _one_apart() -> list[list[str]]:
    """Every step once as the only one before `configure`, and once as the only one after."""
    alone = [[step, "configure", *(other for other in OTHERS if other != step)] for step in OTHERS]
    last = [[*(other for other in OTHERS if other != step), "configure", step] for step in OTHERS]
    return [*alone, *last]


def _started(orders: list[list[str]], starts: tuple[str, ...]) -> list[list[str]]:
    """Return the orders with other starts in the place of `configure()`."""
    return [[found for step in order for found in (starts if step == "configure" else (step,))] for order in orders]


ZERO_CODE = ("initialize",)
TWICE = [("configure", "initialize"), ("initialize", "configure"), ("initialize", "initialize")]
SET_UP = {
    "configured": [*_random(3, 1), *_one_apart(), *_random(24, 2)],
    "zero code": _started([["configure", *OTHERS], *_random(1, 4), *_one_apart(), *_random(12, 5)], ZERO_CODE),
    "started twice": [order for starts in TWICE for order in _started(_random(4, 6), starts)],
}
BROKEN = {
    "configured first": ["configure", *OTHERS],
    "configured last": [*OTHERS, "configure"],
    "zero code": ["initialize", *OTHERS],
}
COLD = 3
"""So many orders of each kind begin as an application does, with nothing imported by an order before."""


def _run(tmp_path: Path, orders: list[dict[str, Any]], environment: dict[str, str] | None = None) -> list[Any]:
    file = tmp_path / "orders.json"
    file.write_text(json.dumps(orders))
    done = subprocess.run(
        [sys.executable, str(PROGRAM), str(file)],
        env=inherited({**NOWHERE, **(environment or {})}),
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def came_to(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    """What each order came to, by its kind; one program runs them all, as its start costs as much as four orders."""
    kinds = {
        **{kind: [{"steps": steps, "broken": None} for steps in orders] for kind, orders in SET_UP.items()},
        **{
            f"{kind}, broken": [{"steps": steps, "broken": name} for name, _ in runtime.STEPS]
            for kind, steps in BROKEN.items()
        },
    }
    orders = [
        {**order, "kind": kind, "cold": number < COLD}
        for kind, of_kind in kinds.items()
        for number, order in enumerate(of_kind)
    ]
    came_to: dict[str, list[Any]] = {kind: [] for kind in kinds}
    for found in _run(tmp_path_factory.mktemp("orders"), orders):
        came_to[found["kind"]].append(found)
    assert {kind: len(found) for kind, found in came_to.items()} == {kind: len(of) for kind, of in kinds.items()}
    return came_to


def _check(found: dict[str, Any]) -> None:
    assert "died" not in found, found
    assert (found["left"], found["broken"]) == ([], []), found["steps"]


@pytest.mark.parametrize("kind", SET_UP)
def test_nothing_leaves_in_any_order(came_to: dict[str, list[Any]], kind: str) -> None:
    """With providers, propagators, Sentry, logging, application and engine before or after: all guarded, all works.

    By `configure()`, as `opentelemetry-instrument` starts it, and where the program calls `configure()` as well.
    """
    for found in came_to[kind]:
        _check(found)
        assert not found["closed"]
        assert found["readable"], found["steps"]


@pytest.mark.parametrize("kind", BROKEN)
def test_an_exception_in_a_step_leaves_everything_closed(came_to: dict[str, list[Any]], kind: str) -> None:
    """Whichever start-up step raises: nothing leaves, one line says so, and the application runs."""
    for found in came_to[f"{kind}, broken"]:
        _check(found)
        assert found["closed"], found["broken"]
        assert found["lines"] == 1, found


def test_a_broken_policy_leaves_everything_closed(tmp_path: Path) -> None:
    """With a policy that can't be used, in any order: nothing leaves, and the application runs."""
    policy = tmp_path / "policy.yaml"
    policy.write_text('version: 1\nextends: default\nmessages: ["a {b"]\n')
    orders = [
        {"steps": steps, "broken": None, "cold": True}
        for steps in [*_random(2, 3), *_started(_random(2, 3), ZERO_CODE)]
    ]
    for found in _run(tmp_path, orders, {"PAZPAZ_OTEL_POLICY": str(policy)}):
        _check(found)
        assert found["closed"]
        assert found["lines"] == 1
