"""`python -m bench.comparison [docs/comparison.md]`: plant, watch, search, and write the page's table.

A value that is found in any byte that left counts as left: in names, in attributes, in texts, wherever. Exit code 1:
something of ours left, or a fact that we promise is gone.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import secrets
import subprocess
import sys
import tempfile
import threading
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

from bench.comparison.variants import VARIANTS, Variant, before

PLANTED: Final = (
    "path", "query", "header", "cookie", "user agent", "body", "log argument", "log text", "log field", "SQL literal",
    "SQL parameter", "span name", "span attribute", "event attribute", "exception message", "cause's message",
    "local variable",
)  # fmt: skip
FACTS: Final = {
    "the route": b"/clients/{name}/notes",
    "the exception's type": b"ValueError",
    "the fixed words of its message": b"no note for",
    "the fixed words of a log call": b"note opened for",
    "the statement's verb": b"SELECT",
    "the function that failed": b"notes",
}
_MARKS: Final = ("<!-- measured -->", "<!-- /measured -->")


class Sink(ThreadingHTTPServer):
    """Takes everything, and keeps it decompressed."""

    daemon_threads = True

    def __init__(self) -> None:
        self.received = bytearray()
        super().__init__(("127.0.0.1", 0), _Handler)
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()


class _Handler(BaseHTTPRequestHandler):
    server: Sink
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self._body()
        encoding = self.headers.get("content-encoding")
        if encoding in {"gzip", "deflate"}:
            body = gzip.decompress(body) if encoding == "gzip" else zlib.decompress(body)
        self.server.received += body
        self.send_response(200)
        answer = b"{}" if "json" in self.headers.get("content-type", "json") else b""
        self.send_header("content-type", self.headers.get("content-type", "application/json"))
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_PUT = do_POST  # noqa: N815 - the base class's name

    def do_GET(self) -> None:
        self.send_response(404)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""

    def _body(self) -> bytes:
        if "chunked" not in self.headers.get("transfer-encoding", ""):
            return self.rfile.read(int(self.headers.get("content-length", 0)))
        body = b""
        while size := int(self.rfile.readline().strip() or b"0", 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body


def measure(variant: Variant) -> tuple[str, set[str], set[str]] | str:
    """Return its version, the planted places whose value left, and the facts that did; or why it can't run here."""
    plants = {place: f"Zq{secrets.token_hex(6)}" for place in PLANTED}
    try:
        binaries = variant.folder()
    except BaseException as error:  # noqa: BLE001 - a missing package skips or raises, as the tests' programs do
        return f"can't be installed here: {type(error).__name__}"
    sink = Sink()
    with (
        tempfile.TemporaryDirectory() as folder,
        before(variant, f"http://127.0.0.1:{sink.server_port}", Path(folder)) as to,
    ):
        host = to.removeprefix("http://")
        variables = {key: text.format(sink=to, dsn=f"http://key@{host}/1") for key, text in variant.variables.items()}
        app = Path(__file__).with_name("planted_app.py")
        python = [str(binaries / variant.wrapper)] if variant.wrapper else []
        done = subprocess.run(
            [*python, str(binaries / "python"), str(app)],
            env={"PATH": f"{binaries}:{os.environ['PATH']}", "PLANTS": json.dumps(plants), "HOME": folder,
                 "WATCHED_BY": variant.watched_by, **variables},
            cwd=folder, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        if done.returncode:
            return f"doesn't run here: {done.stderr.strip().splitlines()[-1][:120]}"
    sink.shutdown()
    received = bytes(sink.received)
    sink.server_close()
    if not received:
        return "sent nothing here"
    left = {place for place, value in plants.items() if value.encode() in received}
    return _version(binaries, variant.package), left, {name for name, text in FACTS.items() if text in received}


def _version(binaries: Path, package: str) -> str:
    code = f"from importlib.metadata import version; print(version({package!r}))"
    return subprocess.run(
        [str(binaries / "python"), "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()


def table(results: dict[str, tuple[str, set[str], set[str]] | str]) -> str:
    """Return what was measured as Markdown."""
    ran = {title: result for title, result in results.items() if not isinstance(result, str)}
    head = "| | " + " | ".join(f"{title} {result[0]}" for title, result in ran.items()) + " |"
    lines = [head, "|---" * (len(ran) + 1) + "|"]
    for place in PLANTED:
        cells = ["**leaves**" if place in left else "no" for _, left, _ in ran.values()]
        lines.append(f"| {place} | " + " | ".join(cells) + " |")
    lines.append(
        "| *planted values that left* | "
        + " | ".join(f"{len(left)} of {len(PLANTED)}" for _, left, _ in ran.values())
        + " |"
    )
    for fact in FACTS:
        cells = ["kept" if fact in kept else "gone" for _, _, kept in ran.values()]
        lines.append(f"| {fact} | " + " | ".join(cells) + " |")
    lines += [f"\n{title}: {result}." for title, result in results.items() if isinstance(result, str)]
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Measure every variant; write the table into the page, or print it."""
    results = {variant.title: measure(variant) for variant in VARIANTS}
    text = table(results)
    if arguments:
        page = Path(arguments[0])
        start, end = map(re.escape, _MARKS)
        block = f"{_MARKS[0]}\n\n{text}\n\n{_MARKS[1]}"
        page.write_text(re.sub(f"{start}.*{end}", lambda _: block, page.read_text(encoding="utf-8"), flags=re.DOTALL))
    print(text)
    ours = results[VARIANTS[-1].title]
    return 1 if isinstance(ours, str) or ours[1] or ours[2] != set(FACTS) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
