"""The packed package where others build and test: Vite 6 and 7, its development server, Vitest, a server."""

from __future__ import annotations

import contextlib
import http.client
import json
import subprocess
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.programs import free_port
from tests.programs.frontend import SOURCES
from tests.programs.npm import node
from tests.stack import browser
from tests.stack.applications import application, built, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.stack, pytest.mark.slow]

VITES = ("6", "7")
NAME = "zquithbazin"
FAILED = "The fresh application failed"
# An attribute of recordings: in a build it stands in the recorder's code and in the guard's for recordings.
RECORDED = "rr_scrollLeft"
TEST = """
// @vitest-environment ENVIRONMENT
import { initSentry } from "@pazpaz/otel-browser";
import { createApp, h } from "vue";
import { expect, test } from "vitest";

test("mounts", () => {
  document.body.innerHTML = '<div id="app"></div>';
  const app = createApp({ render: () => h("p", "Mounted") });
  const client = initSentry(app, undefined, { dsn: "http://abc@127.0.0.1:9/1" });
  app.mount("#app");
  expect(document.querySelector("p").textContent).toBe("Mounted");
  expect(client).toBeDefined();
});
"""
SERVER = """
import { initSentry } from "@pazpaz/otel-browser";
import { createSSRApp, h } from "vue";
import { renderToString } from "vue/server-renderer";

const app = createSSRApp({ render: () => h("p", "Rendered") });
const client = initSentry(app, undefined, { dsn: "http://abc@127.0.0.1:9/1" });
process.stdout.write(JSON.stringify([client === undefined, await renderToString(app)]));
"""


def fresh(folder: Path) -> Path:
    """The fresh application with Vite 7's packages."""
    return application(folder, "fresh", "vite-7")


def used(url: str, ingest: browser.Ingest) -> dict[str, Any]:
    """The application's own failure, as it reached Sentry after the application was used."""
    browser.run_node(["fresh.mjs"], {"url": url, "name": NAME})
    failures = [
        event
        for event in ingest.items("event")
        if event.get("exception", {}).get("values", [{}])[0].get("value") == FAILED
    ]
    assert len(failures) == 1
    return failures[0]


@pytest.mark.parametrize("vite", VITES)
def test_a_build_of_each_vite_reports_errors_readably(vite: str) -> None:
    """Built by Vite 6 and 7, the application's error arrives with its message, its route and its script."""
    dist, ingest = built("fresh", f"vite-{vite}"), browser.Ingest()
    with ingest.server, browser.page_server(dist, "http://127.0.0.1:9", ingest.dsn, "") as site:
        event = used(site.url, ingest)
    assert event["transaction"] == "/clients/{}"
    frames = event["exception"]["values"][0]["stacktrace"]["frames"]
    assert frames[-1]["filename"].startswith("app:///assets/index-")
    assert NAME not in json.dumps(ingest.items("event"))


def test_a_build_without_recordings_holds_nothing_of_them() -> None:
    """Where each call says `replay: false`, neither Sentry's recorder nor the guard for it is in the build."""
    assert RECORDED in scripts(built("fresh", "vite-7"))
    main = (SOURCES / "e2e" / "fresh" / "main.ts").read_text()
    main = main.replace("replay: { sessionSampleRate: 1 }", "replay: false")
    without = built(
        "fresh", "vite-7", main.replace("initSentry(other)", "initSentry(other, undefined, { replay: false })")
    )
    assert FAILED in scripts(without)
    assert RECORDED not in scripts(without)


def scripts(dist: Path) -> str:
    """The text of each script of a build."""
    return "".join(file.read_text() for file in dist.rglob("*.js"))


def test_development_is_readable(tmp_path: Path) -> None:
    """From Vite's development server, the error has its message, its function and its own source file."""
    app = fresh(tmp_path)
    ingest = browser.Ingest()
    with ingest.server, development(app, ingest.dsn) as url:
        event = used(url, ingest)
    frame = event["exception"]["values"][0]["stacktrace"]["frames"][-1]
    assert frame["function"] == "fail"
    assert frame["filename"].endswith("/App.vue")


@contextlib.contextmanager
def development(app: Path, dsn: str) -> Iterator[str]:
    """The application on Vite's development server, by its address."""
    index = app / "index.html"
    index.write_text(index.read_text().replace('name="sentry-dsn" content=""', f'name="sentry-dsn" content="{dsn}"'))
    port = free_port()
    command = [
        node(),
        "node_modules/vite/bin/vite.js",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--strictPort",
    ]
    with (app / "vite.log").open("w") as log:
        process = subprocess.Popen(command, cwd=app, stdout=log, stderr=subprocess.STDOUT)
    try:
        until_it_answers(port, app / "vite.log")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=30)


def until_it_answers(port: int, log: Path) -> None:
    """Wait for the server, for a minute at the most."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        with contextlib.closing(connection), contextlib.suppress(OSError):
            connection.request("GET", "/")
            connection.getresponse()
            return
        time.sleep(0.1)
    pytest.fail(log.read_text())


def test_an_application_mounts_in_vitest(tmp_path: Path) -> None:
    """In Vitest with jsdom or happy-dom an application that starts Sentry mounts, and the test passes."""
    app = fresh(tmp_path)
    for environment in ("jsdom", "happy-dom"):
        (app / f"{environment}.test.js").write_text(TEST.replace("ENVIRONMENT", environment))
    assert "2 passed" in run(app, "vitest/vitest.mjs", "run", "--no-color")


def test_a_server_renders_without_it(tmp_path: Path) -> None:
    """On a server `initSentry` says in one line that it starts nothing, and the application renders."""
    app = fresh(tmp_path)
    (app / "server.mjs").write_text(SERVER)
    done = subprocess.run([node(), "server.mjs"], cwd=app, capture_output=True, text=True, check=True)
    said, last = done.stdout.splitlines()
    assert said == "[pazpaz-otel] this isn't a browser; errors are reported from the page only"
    assert json.loads(last) == [True, "<p>Rendered</p>"]
