"""`python -m tests.faults WHAT`: truth beside measurement; fails past the bounds.

`counts`: workers are killed, and what counts them; `faults`: what each fault does; `servers`: a gateway of many servers
is killed; `costs`: what a span and a series cost on many servers, for `docs/operations/scaling.md`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.faults import costs, counts, happenings, report, scenarios, servers
from tests.faults.application import SERVERS, WORKERS

if TYPE_CHECKING:
    from collections.abc import Iterator


def main() -> int:
    """Run what was asked for, and print it."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("what", choices=_WHAT)
    parser.add_argument("--seconds", type=float, default=60.0, help="of load on each server, or of each fault")
    parser.add_argument("--only", metavar="WORD", default="", help="of `faults`: those with the word in their name")
    parser.add_argument("--server", choices=SERVERS, action="append", help="of `counts`: this one; else each")
    parser.add_argument("--workers", type=int, default=WORKERS, help="of `counts`: how many the server runs")
    parser.add_argument("--seed", type=int, default=0, help="of `counts`: decides what is killed, and when")
    chosen = parser.parse_args()
    wrong = _WHAT[chosen.what](chosen)
    print("\n".join(wrong) or "within bounds")
    return 1 if wrong else 0


def _counts(chosen: argparse.Namespace) -> list[str]:
    wrong = []
    for server in chosen.server or SERVERS:
        plan = counts.Plan(server, chosen.workers, chosen.seconds, chosen.seed)
        print(plan, flush=True)
        with tempfile.TemporaryDirectory() as folder:
            counted = counts.run(Path(folder), plan, say=lambda text: print(f"  {text}", flush=True))
        print(f"{'':40} {'truth':>12} {'measured':>12}\n{counted.table()}", flush=True)
        wrong += [f"{server}: {fault}" for fault in counted.faults()]
    return wrong


def _faults(chosen: argparse.Namespace) -> list[str]:
    found = list(_happen(chosen.seconds, chosen.only))
    if chosen.only:
        report.replace(found)
        return [fault for one in found for fault in one.faults()]
    ended = []
    for sentry in (False, True):
        with tempfile.TemporaryDirectory() as folder:
            ended.append(scenarios.terminated_while_it_sends(Path(folder), sentry=sentry))
        print(ended[-1].line())
    lines = "\n\n".join(one.line() for one in ended)
    report.write(f"{report.table(found)}\n{lines}\n")
    return [fault for one in (*found, *ended) for fault in one.faults()]


def _happen(seconds: float, word: str) -> Iterator[scenarios.Found]:
    for name, fault in happenings.FAULTS.items():
        if word in name:
            with tempfile.TemporaryDirectory() as folder:
                found = scenarios.run(name, fault, Path(folder), seconds=seconds)
            print(found.row(), flush=True)
            yield found


def _servers(chosen: argparse.Namespace) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        many = servers.run(Path(folder), seconds=chosen.seconds, say=lambda text: print(f"  {text}"))
    print(f"{'':40} {'truth':>12} {'measured':>12}\n{many.table()}")
    return many.faults()


def _costs(_: argparse.Namespace) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        measured = costs.measure(Path(folder))
    report.write(f"{measured.table()}\n\n{costs.computed(measured)}", report.SCALING, "costs")
    print(measured.table())
    return []


_WHAT = {"counts": _counts, "faults": _faults, "servers": _servers, "costs": _costs}


if __name__ == "__main__":
    sys.exit(main())
