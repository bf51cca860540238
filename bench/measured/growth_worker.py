"""The measured process of `bench.growth`: TURNS, then `routes N`, or `workspaces`, `values` or `series` with FEW MANY.

It writes one line of JSON: for each count, microseconds of CPU of the whole process for one request or measurement, and
megabytes that are resident after it. Of so many turns the cheapest counts: what else the machine does only adds.
Without any, routes and workspaces cost nothing, and only their memory is measured.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import worker
from fastapi import FastAPI

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger("clinic.growth")

_REQUESTS = 4_000
_ADDS = 100_000
_SLICE = 1_000
"""Requests or measurements between two exports: no queue is ever full."""
_MEGABYTE = 1 << 20
_VALUES = 10
"""Distinct values of a request: path, query, header, four attributes, three arguments of a log line."""


def _measured(times: int, step: Callable[[int], None]) -> float:
    began = time.process_time()
    for start in range(0, times, _SLICE):
        step(min(_SLICE, times - start))
        worker.flush(metrics_too=False)
    return (time.process_time() - began) / times * 1e6


def _cheapest(turns: int, times: int, step: Callable[[int], None]) -> float:
    return min((_measured(times, step) for _ in range(turns)), default=0.0)


def _memory() -> float:
    return worker.resident() / _MEGABYTE


def routes(loop: asyncio.AbstractEventLoop, turns: int, count: int) -> list[tuple[float, float]]:
    """Serve each of so many routes, then measure one that stands first."""
    app = FastAPI(openapi_url=None)

    async def answer(client: str) -> dict[str, str]:
        return {"client": client}

    for number in range(count):
        app.add_api_route(f"/resource{number}/{{client}}", answer)
    for number in range(count):
        loop.run_until_complete(worker.serve(app, f"/resource{number}/7", worker.TRACED, 1))
    worker.flush()

    def step(times: int) -> None:
        loop.run_until_complete(worker.serve(app, "/resource0/7", worker.TRACED, times))

    _measured(_SLICE, step)
    return [(_cheapest(turns, _REQUESTS, step), _memory())]


def workspaces(_: asyncio.AbstractEventLoop, turns: int, few: int, many: int) -> list[tuple[float, float]]:
    """Count for so many workspaces in turn."""
    import pazpaz_otel  # noqa: PLC0415 - not there in every environment

    counter = pazpaz_otel.counter("appointments.created")
    found = []
    for count in (few, many):
        names = [str(uuid.UUID(int=number, version=4)) for number in range(count)]
        seen = 0

        def step(times: int, names: list[str] = names) -> None:
            nonlocal seen
            for _ in range(times):
                counter.add(1, {"workspace.id": names[seen % len(names)]})
                seen += 1

        _measured(max(_SLICE, count), step)
        found.append((_cheapest(turns, _ADDS, step), _memory()))
        del names
    return found


def values(loop: asyncio.AbstractEventLoop, _: int, few: int, many: int) -> list[tuple[float, float]]:
    """Serve requests of which each has ten values that never were before, and measure after some and at the end."""
    from opentelemetry import trace  # noqa: PLC0415 - not there in every environment

    app = FastAPI(openapi_url=None)

    @app.get("/clients/{client}")
    async def client_of(client: str) -> dict[str, str]:
        number = int(client)
        span = trace.get_current_span()
        span.set_attribute("workspace.id", str(uuid.UUID(int=number, version=4)))
        span.set_attribute("http.request.body.size", number)
        span.set_attribute("clinic.note", f"note {number}")
        span.set_attribute(f"clinic.key{number}", client)
        logger.warning("client %s saved %s of %s", client, number + 1, f"{number} notes")
        return {"status": "ok"}

    done = 0

    def step(times: int) -> None:
        nonlocal done
        for number in range(done, done + times):
            headers = [*worker.BROWSER, (b"x-request-id", str(uuid.UUID(int=number, version=4)).encode())]
            loop.run_until_complete(worker.serve(app, f"/clients/{number}", headers, 1))
        done += times

    step(_SLICE)
    return [(_measured(count // _VALUES - done, step), _memory()) for count in (few, many)]


def series(_: asyncio.AbstractEventLoop, __: int, few: int, many: int) -> list[tuple[float, float]]:
    """Read and encode a ledger of so many series, and say on standard error what else it costs."""
    from opentelemetry.exporter.otlp.proto.common.metrics_encoder import encode_metrics  # noqa: PLC0415 - as above
    from opentelemetry.sdk.metrics.export import NumberDataPoint  # noqa: PLC0415
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415

    from pazpaz_otel.otel.ledger.batch import Batch  # noqa: PLC0415
    from pazpaz_otel.otel.ledger.content import metrics_data  # noqa: PLC0415
    from pazpaz_otel.otel.ledger.points import Described, MetricKey  # noqa: PLC0415
    from pazpaz_otel.otel.ledger.store import Store  # noqa: PLC0415

    visits = Described(MetricKey("visits", "counter", ""), "", '["bench","",""]', limit=many)
    found = []
    for count in (few, many):
        with tempfile.TemporaryDirectory() as folder:
            store = Store(Path(folder) / "x.ledger", keep=True)

            def merge(first: int, number: int, store: Store = store) -> float:
                keys = [f'{{"workspace.id":"{uuid.UUID(int=n, version=4)}"}}' for n in range(first, first + number)]
                batch = Batch()
                batch.totals[visits] = {key: NumberDataPoint({}, 0, 0, 1) for key in keys}
                began = time.process_time()
                store.merge(batch)
                return (time.process_time() - began) / number * 1e6

            for first in range(0, count, _SLICE):
                merge(first, min(_SLICE, count - first))
            merged = min(merge(first, _VALUES) for first in range(0, count, count // _VALUES))
            began = time.process_time()
            sent = len(encode_metrics(metrics_data(Resource.get_empty(), *store.snapshot())).SerializeToString())
            found.append(((time.process_time() - began) / count * 1e6, _memory()))
            size = sum(file.stat().st_size for file in Path(folder).iterdir())
            print(
                f"{count} series: {merged:.0f} µs to merge one, file {size} bytes, sent {sent} bytes", file=sys.stderr
            )
            store.close()
    return found


def main() -> None:
    """Measure what the arguments ask for."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    # A line on standard error for each log record would be a terminal's cost.
    logging.getLogger().addHandler(logging.NullHandler())
    turns, what, *counts = sys.argv[1:]
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    measures: dict[str, Any] = {"routes": routes, "workspaces": workspaces, "values": values, "series": series}
    print(json.dumps(measures[what](loop, int(turns), *map(int, counts))), file=answers, flush=True)
    loop.close()


if __name__ == "__main__":
    main()
