"""The conformance vectors against the built package in a real Chromium: the browser's engine, not Node's."""

from __future__ import annotations

import json
import math
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from pazpaz_otel import yaml_text
from tests.programs.frontend import SOURCES, frontend_folder
from tests.stack import browser

pytestmark = [pytest.mark.stack, pytest.mark.slow]

VECTORS = Path(__file__).parents[1] / "vectors"
MODULES = {
    "vue": "/node_modules/vue/dist/vue.esm-browser.prod.js",
    "vue-router": "/node_modules/vue-router/dist/vue-router.esm-browser.prod.js",
}
PAGE = f'<!doctype html><script type="importmap">{json.dumps({"imports": MODULES})}</script>'


def test_the_browser_makes_of_each_vector_what_it_says() -> None:
    """Each vector with a say for the browser leaves Chromium as it says: the values and the browser's own surfaces."""
    files = [yaml_text.load(file.read_text()) for file in sorted(VECTORS.rglob("*.yaml"))]
    with browser.Server(_Handler) as server:
        given = {"url": server.url, "files": [_writable(file) for file in files]}
        results = json.loads(browser.run_node(["vectors.mjs"], given))
    assert len(results) > 150
    assert {name: one["left"] for name, one in results.items()} == {
        name: one["expected"] for name, one in results.items()
    }


def _writable(file: dict[str, Any]) -> dict[str, Any]:
    """A file of vectors without those that JSON can't hold; they are for enforcers that see such values."""
    return file | {"vectors": [vector for vector in file["vectors"] if not _unwritable(vector["input"])]}


def _unwritable(value: object) -> bool:
    return isinstance(value, bytes) or (isinstance(value, float) and not math.isfinite(value))


class _Handler(BaseHTTPRequestHandler):
    """Serves the built package, the surfaces and the two libraries that they need."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path == "/vectors.html":
            browser.answer(self, 200, PAGE.encode(), "text/html", {})
            return
        built = frontend_folder()
        roots = {"node_modules": built, "dist": built / "package", "test": SOURCES / "package"}
        file = roots.get(path.split("/")[1], built) / path.lstrip("/")
        found = file.is_file()
        browser.answer(self, 200 if found else 404, file.read_bytes() if found else b"", "text/javascript", {})

    def log_message(self, *_: object) -> None:
        """Say nothing."""
