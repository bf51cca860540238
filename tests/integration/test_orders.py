"""In whatever order a program is set up, and whatever fails in it: nothing leaves, and nothing breaks."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pazpaz_otel import runtime
from pazpaz_otel.settings import inherited
from tests.integration.sequences import around, covered, covering, parts

pytestmark = [pytest.mark.slow, pytest.mark.long]

PROGRAM = Path(__file__).parent / "apps" / "orders.py"
STEPS = (
    "provider",
    "global_provider",
    "propagator",
    "sentry",
    "basic_config",
    "dict_config",
    "record_factory",
    "application_imported",
    "application_made",
    "engine",
    "processor",
    "instrument",
)
NOWHERE = {f"OTEL_{signal}_EXPORTER": "none" for signal in ("TRACES", "METRICS", "LOGS")}
CONFIGURED = ("configure", *STEPS)
ZERO_CODE = ("initialize", *STEPS)
TWICE = ("initialize", "configure", *STEPS, "initialize again")
CLAIMED = {"configured": CONFIGURED, "zero code": ZERO_CODE, "started twice": TWICE}
SET_UP = {kind: covering(steps) for kind, steps in CLAIMED.items()}
STRENGTH = 3
"""So many steps occur in every order among themselves; four, which took 74 orders, found nothing more."""
PAIRS = around(("configure", "initialize"), STEPS)
AROUND = [order for pair in PAIRS for order in pair]
COLD = 2
"""So many orders of each kind begin as an application does, with nothing imported by an order before."""


@pytest.fixture(scope="module")
def came_to(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    """What each order came to, by its kind; one program runs them all, as its start costs as much as four orders."""
    folder = tmp_path_factory.mktemp("orders")
    policy = folder / "policy.yaml"
    policy.write_text('version: 1\nextends: default\nmessages: ["a {b"]\n')
    kinds = {
        **{kind: [{"steps": steps} for steps in orders] for kind, orders in SET_UP.items()},
        "a step fails": [
            {"steps": steps, "broken": name}
            for number, (name, _) in enumerate(runtime.STEPS)
            for steps in PAIRS[number % len(PAIRS)]
        ],
        "a broken policy": [{"steps": steps, "policy": str(policy)} for steps in AROUND],
    }
    orders = [
        {"broken": None, "policy": "", **order, "kind": kind, "cold": number < COLD}
        for kind, of_kind in kinds.items()
        for number, order in enumerate(of_kind)
    ]
    file = folder / "orders.json"
    file.write_text(json.dumps(orders))
    done = subprocess.run(
        [sys.executable, str(PROGRAM), str(file)],
        env=inherited(NOWHERE),
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    came_to: dict[str, list[Any]] = {kind: [] for kind in kinds}
    for found in json.loads(done.stdout):
        came_to[found["kind"]].append(found)
    assert {kind: len(found) for kind, found in came_to.items()} == {kind: len(of) for kind, of in kinds.items()}
    return came_to


def _check(found: dict[str, Any]) -> None:
    assert "died" not in found, found
    assert (found["left"], found["broken"]) == ([], []), found["steps"]


@pytest.mark.parametrize("kind", CLAIMED)
def test_nothing_leaves_in_any_order(came_to: dict[str, list[Any]], kind: str) -> None:
    """With providers, propagators, Sentry, logging, application and engine before or after: all guarded, all works.

    By `configure()`, as `opentelemetry-instrument` starts it, and where the program calls `configure()` as well.
    """
    for found in came_to[kind]:
        _check(found)
        assert not found["closed"]
        assert found["readable"], found["steps"]


@pytest.mark.parametrize("kind", ["a step fails", "a broken policy"])
def test_a_start_that_fails_leaves_everything_closed(came_to: dict[str, list[Any]], kind: str) -> None:
    """Whichever start-up step raises, with each step before and after it: nothing leaves, and the application runs.

    So with a policy that can't be used. Any two steps stand before, after or around such a start, though not in each
    step's.
    """
    for found in came_to[kind]:
        _check(found)
        assert found["closed"], found["broken"]
        assert found["lines"] == 1, found


def test_the_orders_hold_what_they_claim() -> None:
    """Every order of three steps in each way to start, and any two steps around a start that fails."""
    missing = {kind: parts(steps, STRENGTH) - covered(SET_UP[kind], STRENGTH) for kind, steps in CLAIMED.items()}
    assert not any(missing.values()), missing
    starts = [next(at for at, step in enumerate(order) if step not in STEPS) for order in AROUND]
    sides = [(set(order[:at]), set(order[at:])) for order, at in zip(AROUND, starts, strict=True)]
    for one, other in parts(STEPS, 2):
        assert any({one, other} <= before for before, _ in sides)
        assert any({one, other} <= after for _, after in sides)
        assert any(one in before and other in after for before, after in sides)
    for (before, _), (_, after) in zip(sides[::2], sides[1::2], strict=True):
        assert before == after & set(STEPS)
