"""Places that no instrumentation foresees, by shapes that no other test plants: every byte that leaves is read."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from pazpaz_otel.audit.scan import Scanner
from pazpaz_otel.settings import inherited
from tests.integration.instrumented import APPS, INSTRUMENT
from tests.programs import HttpSink

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.slow

SCRIPTS = {"Ethiopic": 0x1200, "Georgian": 0x10D0, "Thai": 0x0E01, "Han": 0x4E00, "Devanagari": 0x0915}
PLACES = ("after_the_end", "scopes", "hooks", "loop", "socket", "sentry")
SHAPES: dict[str, Callable[[str], str]] = {
    "word": str,
    "snake": lambda word: f"{word}_note",
    "class": lambda word: f"{word.title()}Error",
    "dotted": lambda word: f"note.{word}",
    "route": lambda word: f"/clients/{word}",
    "statement": lambda word: f"SELECT {word} FROM {word}",
    "address": lambda word: f"Flat 7, 12 {word.title()} Crescent, Haifa",
    "diagnosis": lambda word: f"Z63.0-{word.upper()}",
    "email": lambda word: f"{word}+clinic@mail.test",
    "hexadecimal": lambda word: word.encode().hex(),
    "json": lambda word: json.dumps({"event": word, "client": {"name": word}}),
    "trace": lambda word: (
        f'Traceback (most recent call last):\n  File "{word}.py", line 3, in {word}\nValueError: {word}'
    ),
}


def planted(seed: int) -> dict[str, dict[str, tuple[str, str]]]:
    """Return for every place what to say, by shape, and the word to look for; each word is used once."""
    chance = random.Random(seed)

    def word() -> str:
        return "".join(chance.choice("bdfgklmnprstvz") + chance.choice("aeiou") for _ in range(4)) + chance.choice(
            "qxj"
        )

    def script(start: int) -> str:
        return "".join(chr(start + chance.randrange(24)) for _ in range(7))

    places: dict[str, dict[str, tuple[str, str]]] = {}
    for place in PLACES:
        places[place] = {name: (shape(plain), plain) for name, shape in SHAPES.items() for plain in [word()]}
        places[place] |= {name: (plain, plain) for name, start in SCRIPTS.items() for plain in [script(start)]}
    return places


def test_nothing_leaves_by_a_way_that_nobody_foresaw(tmp_path: Path) -> None:
    """By hooks, loops, sockets, ended spans and Sentry's items: no shape of data is in any byte that left."""
    places = planted(11)
    file = tmp_path / "said.json"
    file.write_text(json.dumps({place: [said for said, _ in shapes.values()] for place, shapes in places.items()}))
    with HttpSink() as sink:
        settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": sink.endpoint, "SENTRY_DSN": sink.dsn}
        command = [*INSTRUMENT, sys.executable, str(APPS / "attacked.py"), str(file)]
        done = subprocess.run(
            command, env=inherited(settings), capture_output=True, text=True, timeout=200, check=False
        )
        received = list(sink.received)
    assert done.returncode == 0, done.stderr[-2000:]
    words = {f"{place} {name}": [word] for place, shapes in places.items() for name, (_, word) in shapes.items()}
    scanner = Scanner(words)
    found = {f"{find.plant} in {one.path}" for one in received for find in scanner.data(one.body, one.path)}
    found |= {find.plant for one in received for find in scanner.text(str(one.headers), "headers")}
    assert found == set()
    assert b"everything was said" in b"".join(one.body for one in received)
    # What Python itself prints is the application's own: without it, the words weren't said at all.
    assert {find.plant for find in scanner.data(done.stderr.encode(), "stderr")} >= {f"hooks {name}" for name in SHAPES}
