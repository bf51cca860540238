"""The page on the way of the data says what a real run does."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import pazpaz_otel
from pazpaz_otel.audit.sinks import HttpSink

PAGE = (Path(__file__).parents[2] / "docs" / "way-of-the-data.md").read_text(encoding="utf-8")
WAYS = {
    title: re.findall(r"^\| `([\w/]+\.py)` \| `([^`]+)` \| (.+) \|$", text, re.MULTILINE)
    for title, text in re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
}

PROGRAM = """
import asyncio, importlib.util, json, logging, os, sys

ROOT = os.path.join(os.path.dirname(importlib.util.find_spec("pazpaz_otel").origin), "")
entered = None
inside = []
again = set()


def watch(frame, event, _):
    if event not in ("call", "return") or entered is None or not frame.f_code.co_filename.startswith(ROOT):
        return
    file = frame.f_code.co_filename[len(ROOT):]
    if event == "return":
        if inside:
            inside.pop()
        return
    entered.append([file, frame.f_code.co_qualname])
    if file in inside and file != inside[-1]:
        again.add(file)
    inside.append(file)


def followed(item):
    global entered
    entered = []
    inside.clear()
    again.clear()
    sys.setprofile(watch)
    item()
    sys.setprofile(None)
    ways, entered = entered, None
    return ways


import pazpaz_otel
from pazpaz_otel import startup

ways = {"A setting": followed(pazpaz_otel.configure)}

import httpx, sentry_sdk
from fastapi import FastAPI, HTTPException
from opentelemetry import _logs, metrics, trace

counter = pazpaz_otel.counter("session_notes.saved")
logger = logging.getLogger("clinic")


def span():
    with trace.get_tracer("clinic").start_as_current_span("book"):
        pass
    trace.get_tracer_provider().force_flush()


def log():
    logger.warning("note saved for %s", "Dvora")
    _logs.get_logger_provider().force_flush()


def measurement():
    counter.add(1)
    metrics.get_meter_provider().force_flush()


def event():
    try:
        raise ValueError("Clinic is closed")
    except ValueError as error:
        sentry_sdk.capture_exception(error)


app = FastAPI()


@app.get("/notes/{note}")
async def read(note: str):
    here = trace.get_current_span().get_span_context()
    with trace.get_tracer("clinic").start_as_current_span("read", links=[trace.Link(here)]) as reading:
        reading.add_event("found", {"pages": 3})
    return {}


@app.get("/rooms/{room}")
async def book(room: str):
    raise HTTPException(409, "Room is taken")


@app.get("/payments/{payment}")
async def pay(payment: str):
    try:
        raise ValueError("Clinic is closed")
    except ValueError:
        logger.exception("no payment %s", payment)
        raise


async def serve():
    # Served by the task that asks: what is entered is told apart by one thread and one task.
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://practice") as client:
        return [(await client.get(path)).status_code for path in ("/notes/1", "/rooms/1", "/payments/1")]


def requests():
    assert asyncio.run(serve()) == [200, 409, 500]


for title, item in (
    ("A span", span), ("A log record", log), ("A measurement", measurement), ("A Sentry event", event),
    ("Requests", requests),
):
    item()  # what is done only once, such as reading a source, belongs to no item
    ways[title] = followed(item)
    ways[title + ", again"] = sorted(again)
print(json.dumps(ways))
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[list[str]]]:
    """Each function of the package that each item entered, in order."""
    program = tmp_path_factory.mktemp("way") / "program.py"
    program.write_text(PROGRAM, encoding="utf-8")
    with HttpSink() as sink:
        done = subprocess.run(
            [sys.executable, str(program)],
            env={
                "PATH": os.environ["PATH"],
                "OTEL_SERVICE_NAME": "practice-api",
                "OTEL_EXPORTER_OTLP_ENDPOINT": sink.endpoint,
                "SENTRY_DSN": sink.dsn,
                **dict.fromkeys(
                    ("OTEL_BSP_SCHEDULE_DELAY", "OTEL_BLRP_SCHEDULE_DELAY", "OTEL_METRIC_EXPORT_INTERVAL"), "600000"
                ),
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
    assert done.returncode == 0, done.stderr
    read: dict[str, Any] = json.loads(done.stdout)
    return read


def test_the_page_names_what_there_is():
    """Five ways; each file and function is there, and no way enters a file twice."""
    assert list(WAYS) == ["A span", "A log record", "A measurement", "A Sentry event", "A setting"]
    for rows in WAYS.values():
        files = [file for file, _, _ in rows]
        assert len(files) == len(set(files))
        for file, function, _ in rows:
            source = (Path(pazpaz_otel.__file__).parent / file).read_text(encoding="utf-8")
            assert f"def {function.rpartition('.')[2]}(" in source, (file, function)


@pytest.mark.parametrize("title", WAYS)
def test_an_item_takes_the_way_of_the_page(title: str, run: dict[str, list[list[str]]]):
    """A real item enters each function in the page's order, and once, but for what stands at each exporter."""
    entered = [tuple(one) for one in run[title]]
    stations = [(file, function) for file, function, _ in WAYS[title]]
    assert [one for one in stations if one not in entered] == []
    assert sorted(stations, key=entered.index) == stations
    several = {(file, function) for file, function, what in WAYS[title] if "at each exporter" in what}
    counted = Counter(entered)
    assert {one: counted[one] for one in stations if one not in several and counted[one] != 1} == {}


@pytest.mark.parametrize("title", ["A span", "A log record", "A measurement", "A Sentry event", "Requests"])
def test_no_file_is_entered_again_from_inside(title: str, run: dict[str, list[list[str]]]):
    """What a file calls for an item doesn't call back into it."""
    assert run[f"{title}, again"] == []
