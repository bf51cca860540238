"""Puts what was measured into docs/performance.md, between its marks, and draws the picture beside it."""

from __future__ import annotations

import os
import platform
import re
from importlib import metadata
from typing import TYPE_CHECKING, Final

from bench import picture
from bench.report import Results, as_json

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from bench.measure import Plan

_PAGE: Final = "docs/performance.md"
_PICTURE: Final = "docs/images/performance.svg"
_MARKS: Final = ("<!-- measured -->", "<!-- /measured -->")
_LIBRARIES: Final = ("opentelemetry-sdk", "opentelemetry-instrumentation", "fastapi")
_BUSY: Final = 0.5


def write(results: Results, other: Results | None, plan: Plan, root: Path) -> None:
    """Write the page's tables and draw its picture.

    Args:
        results: of all variants.
        other: of another interpreter.
        plan: how much was measured.
        root: of the checkout.
    """
    page = root / _PAGE
    text = page.read_text(encoding="utf-8")
    begin, end = (text.index(mark) for mark in _MARKS)
    page.write_text(text[: begin + len(_MARKS[0])] + "\n" + told(results, other, plan) + text[end:], encoding="utf-8")
    (root / _PICTURE).write_text(picture.drawn(as_json(results)), encoding="utf-8")


def told(results: Results, other: Results | None, plan: Plan) -> str:
    """Return the tables in Markdown, and before them what they were measured on."""
    parts = [_where(results, other, plan), "![CPU that telemetry adds to a request](images/performance.svg)", ""]
    parts += _promises(results, other)
    parts += _cpu(results)
    parts += _memory(results)
    return "\n".join(parts) + "\n"


def _where(results: Results, other: Results | None, plan: Plan) -> str:
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in _LIBRARIES)
    pythons = " and ".join([f"Python {results.python}", *([other.python] if other else [])])
    load = os.getloadavg()[2] if hasattr(os, "getloadavg") else 0.0
    # The benchmark itself keeps about two cores busy.
    busy = load > 2 + _BUSY
    quiet = (
        "a machine that **did other work as well**: compare the ratios only" if busy else "an otherwise idle machine"
    )
    lines = (
        f"{pythons} on {platform.system()}, {os.cpu_count()} cores, {quiet};",
        f"{versions}, SQLAlchemy 2.0.",
        f"{plan.runs} runs, {plan.turns} turns of {plan.requests} requests in each, {plan.starts} starts:",
        "medians.",
    )
    return "\n".join(lines) + "\n"


def _promises(results: Results, other: Results | None) -> list[str]:
    elsewhere = {target.promise: target for target in other.targets()} if other else {}
    header = ["promise", "goal", "limit of `--check`", f"Python {results.python}"]
    rows = []
    for target in results.targets():
        row = [target.promise, f"{target.goal:g}", f"{target.limit:g}", f"{target.measured:.2f}"]
        if other:
            found = elsewhere.get(target.promise)
            row.append(f"{found.measured:.2f}" if found else "")
        rows.append(row)
    return _table([*header, *([f"Python {other.python}"] if other else [])], rows, words=1)


def _cpu(results: Results) -> list[str]:
    header = ["route", "variant", "CPU a request, µs", "added, µs", "±", "of what stock adds", "spans", "log records"]
    rows, measured = [], results.measured
    compared = {"bare", "stock"} <= set(results.variants)
    for route in results.routes:
        for name in results.variants:
            items, bare = measured.items[name, route], name == "bare"
            added = "" if bare else f"{measured.added(name, route):.0f}"
            spread = "" if bare else f"{measured.spread(name, route):.0f}"
            ratio = f"{measured.ratio(name, route):.2f}" if compared and not bare else ""
            first = f"`{route}`" if route.startswith("/") else route
            shown = first if name == results.variants[0] else ""
            total = f"{measured.total(name, route):.0f}"
            rows.append([shown, name, total, added, spread, ratio, f"{items['spans']:.3g}", f"{items['logs']:.3g}"])
    return _table(header, rows, words=2)


def _memory(results: Results) -> list[str]:
    rows = [
        ["resident memory after the same load, MB", *(f"{results.resident(name):.1f}" for name in results.variants)],
        ["CPU until the application is imported, s", *(f"{results.started(name):.2f}" for name in results.variants)],
    ]
    rates = results.served or {}
    for path in dict.fromkeys(path for _, path in rates):
        shown = [f"{rates[name, path]:.0f}" if (name, path) in rates else "" for name in results.variants]
        rows.append([f"requests a second under uvicorn, `{path}`", *shown])
    return _table(["", *results.variants], rows, words=1)


def _table(header: list[str], rows: Iterable[list[str]], words: int) -> list[str]:
    """Return a table's lines; the first columns have words, the others numbers."""
    rule = ["---" if index < words else "--:" for index in range(len(header))]
    lines = [f"| {' | '.join(header)} |", f"|{'|'.join(rule)}|"]
    lines += [re.sub(r" {2,}", " ", f"| {' | '.join(row)} |") for row in rows]
    return [*lines, ""]
