"""`python -m bench`: measures, prints, and with `--check` fails where a limit is exceeded, or a goal missed.

`--write` puts what was measured into docs/performance.md and draws its picture.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console

from bench import environments, page, redaction
from bench.measure import ROUTES, Plan, measure
from bench.report import RATIOS, Results, as_json, print_tables
from bench.served import served
from bench.variants import NAMES, SHORT, variants

if TYPE_CHECKING:
    from collections.abc import Callable

_SERVED: Final = 5
"""How often the real server is started for each variant."""


def main(arguments: list[str] | None = None) -> int:
    """Runs the benchmark; 1 if `--check` is given and one of its bounds is exceeded."""
    given = _parser().parse_args(arguments)
    errors = Console(stderr=True)
    chosen = variants(given.variants.split(",") if given.variants else NAMES)
    if "bare" not in {variant.name for variant in chosen}:
        errors.print("--variants has to name bare: what others add is measured against it")
        return 2
    routes = [route for route in ROUTES if not given.routes or route in given.routes.split(";")]
    plan = Plan(given.runs, given.starts, given.turns, given.requests, given.warmup, routes)
    with errors.status("…") as status:
        measured = measure(chosen, plan, status.update)
        status.update("redaction")
        cost = redaction.per_span(max(200, 20 * given.requests))
        short = [variant for variant in chosen if variant.name in SHORT]
        rates = served(short, _SERVED, given.wrk, status.update)
        results = Results(measured, [variant.name for variant in chosen], routes, cost, rates)
        other = _other(given.also, plan, given.wrk, status.update) if given.also else None
    if given.write:
        page.write(results, other, plan, Path(__file__).parents[1])
    if given.json:
        print(json.dumps(as_json(results), indent=2))
    else:
        print_tables(results)
        if other is not None:
            print_tables(other)
        if given.wrk > 0 and rates is None:
            errors.print("requests a second: wrk isn't installed (make test-deps)")
    past = [target for target in results.targets() if given.check and target.measured > getattr(target, given.check)]
    for target in past:
        bound = getattr(target, given.check)
        errors.print(f"past its {given.check}: {target.promise}: {target.measured:.2f}, not {bound:g} at most")
    return int(bool(past))


def _other(python: str, plan: Plan, wrk: int, progress: Callable[[str], None]) -> Results:
    """Measure another interpreter, in less time."""
    shorter = replace(plan, runs=max(1, plan.runs - 1), routes=[route for route in plan.routes if route in RATIOS])
    version = environments.version_of(python).split()[0]
    chosen = variants(SHORT, python)

    def tell(told: str) -> None:
        progress(f"{version}: {told}")

    measured = measure(chosen, shorter, tell)
    rates = served(chosen, _SERVED, wrk, tell)
    return Results(measured, list(SHORT), shorter.routes, None, rates, version)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m bench", description=__doc__)
    parser.add_argument("--runs", type=int, default=Plan.runs, help="times that everything is started anew")
    parser.add_argument("--starts", type=int, default=Plan.starts, help="times that each is started at least")
    parser.add_argument("--turns", type=int, default=Plan.turns, help="measurements of each route in a run")
    parser.add_argument("--requests", type=int, default=Plan.requests, help="requests in each measurement")
    parser.add_argument("--warmup", type=int, default=Plan.warmup, help="requests to each route before any")
    parser.add_argument("--variants", default="", help=f"by comma: {', '.join(NAMES)}")
    parser.add_argument("--routes", default="", help=f"by semicolon: {'; '.join(ROUTES)}")
    parser.add_argument("--wrk", type=int, default=3, metavar="SECONDS", help="of wrk on each path; 0 for none")
    parser.add_argument("--also", default="", metavar="PYTHON", help="another interpreter, for what is promised")
    parser.add_argument("--write", action="store_true", help="write docs/performance.md's tables and draw its picture")
    parser.add_argument("--json", action="store_true")
    parser.add_argument(
        "--check",
        nargs="?",
        const="limit",
        choices=("limit", "goal"),
        help="exit with 1 where a limit is exceeded; with `goal`, where a goal is missed",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
