"""`python -m bench.latency`: how much later a busy handler answers under the distribution, at a moderate rate.

Both servers run all the time, each with a database of its own, and are asked in turns: what the machine does meanwhile
meets both. Requests come at random times, whether or not earlier ones are answered, as they do from people; a latency
counts from the moment at which its request was due. The first round warms up and isn't counted.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from bench.processes import Child, Sink
from bench.variants import WORKER, busy
from tests.programs import Postgres, Redis, wait_until
from tests.programs.ports import free_port
from tests.programs.running import get

if TYPE_CHECKING:
    from collections.abc import Iterable

_PATH: Final = "/api/v1/appointments/1"
_REQUEST: Final = f"GET {_PATH} HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: application/json\r\n\r\n".encode()
_KEPT: Final = "--timeout-keep-alive 600"
"""By default, a connection that is idle for five seconds is closed, and the next request on it fails."""
_LENGTH: Final = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


class Quantiles(NamedTuple):
    """Milliseconds."""

    median: float
    p95: float


def measure(rounds: int, seconds: float, rate: float) -> dict[str, list[Quantiles]]:
    """Measure the bare application and ours.

    Args:
        rounds: counted turns of each.
        seconds: of a turn.
        rate: requests a second.

    Returns:
        Each one's quantiles by round.
    """
    found: dict[str, list[Quantiles]] = {"bare": [], "ours": []}
    with ExitStack() as running:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        ports = _servers(running, folder)
        for turn in range(rounds + 1):
            for name in sorted(found, reverse=bool(turn % 2)):
                times = asyncio.run(_load(ports[name], rate, seconds))
                if turn:
                    found[name].append(_quantiles(times))
    return found


def _servers(running: ExitStack, folder: Path) -> dict[str, int]:
    sink = running.enter_context(Sink(folder, None))
    redis = running.enter_context(Redis(folder / "redis"))
    ports = {}
    for variant in busy():
        database = running.enter_context(Postgres())
        port = ports[variant.name] = free_port()
        options = f"-m uvicorn --factory busy_app:made --port {port} --log-level error --no-access-log {_KEPT}"
        stores = {"BENCH_POSTGRES": database.url(), "BENCH_REDIS": redis.url, "PYTHONPATH": str(WORKER.parent)}
        environment = {**variant.variables(sink.address, folder, None), **stores}
        server = Child(variant.command(*options.split()), environment, folder / f"{variant.name}.log")
        running.enter_context(server)
        running.callback(server.process.terminate)
        wait_until(lambda port=port: get(f"http://127.0.0.1:{port}{_PATH}")[0] == HTTPStatus.OK, variant.name, 60)
    return ports


async def _load(port: int, rate: float, seconds: float) -> list[float]:
    times: list[float] = []
    idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def ask(due: float) -> None:
        connection = idle.pop() if idle else await asyncio.open_connection("127.0.0.1", port)
        reader, writer = connection
        writer.write(_REQUEST)
        head = await reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if b" 200 " not in head[:20] or length is None:
            raise RuntimeError(f"{_PATH} answered {head[:40]!r}")
        await reader.readexactly(int(length[1]))
        times.append(time.perf_counter() - due)
        idle.append(connection)

    chance = random.Random(1)
    due = time.perf_counter()
    end = due + seconds
    async with asyncio.TaskGroup() as tasks:
        while due < end:
            await asyncio.sleep(max(0, due - time.perf_counter()))
            tasks.create_task(ask(due))
            due += chance.expovariate(rate)
    for _, writer in idle:
        writer.close()
    return times


def _quantiles(times: Iterable[float]) -> Quantiles:
    twentieths = statistics.quantiles(times, n=20)
    return Quantiles(1e3 * twentieths[9], 1e3 * twentieths[18])


def main(arguments: list[str] | None = None) -> int:
    """Measures and prints."""
    parser = argparse.ArgumentParser("python -m bench.latency", description=__doc__)
    parser.add_argument("--rounds", type=int, default=8, help="counted turns of each server")
    parser.add_argument("--seconds", type=float, default=20, help="of a turn")
    parser.add_argument("--rate", type=float, default=25, help="requests a second")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    found = measure(given.rounds, given.seconds, given.rate)
    if given.json:
        print(json.dumps({name: [one._asdict() for one in of_one] for name, of_one in found.items()}, indent=2))
        return 0
    for quantile in Quantiles._fields:
        bare, ours = ([getattr(one, quantile) for one in found[name]] for name in ("bare", "ours"))
        later = [one - other for one, other in zip(ours, bare, strict=True)]
        print(
            f"{quantile:6}  bare {statistics.median(bare):6.2f} ms  ours {statistics.median(ours):6.2f} ms"
            f"  later by {statistics.median(later):5.2f} ms, in single rounds {min(later):.2f} to {max(later):.2f}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
