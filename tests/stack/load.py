"""A steady load of requests, some of them slow or failing when asked for."""

from __future__ import annotations

import itertools
import threading
import urllib.error
import urllib.request
from typing import Self


class Load:
    """Sends requests one after another until the `with` block ends.

    Attributes:
        errors: share of requests that are to be answered with a 500.
        slow: share of requests that are to take `milliseconds`.
        pause: seconds between two requests.
        sent: how many were sent.
    """

    def __init__(self, url: str, threads: int = 4) -> None:
        self.url = url
        self.errors = 0.0
        self.slow = 0.0
        self.milliseconds = 300
        self.pause = 0.04
        self.sent = 0
        self._numbers = itertools.count()  # one for all: each caller's own would fail all at the same moment
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(threads)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(10)

    def _run(self) -> None:
        while not self._stop.wait(self.pause):
            number = next(self._numbers)
            share = (number * 37 % 100) / 100  # every share of a hundred consecutive requests is met exactly
            status = 500 if share < self.errors else 200
            wait = self.milliseconds if 1 - share <= self.slow else 0
            try:
                with urllib.request.urlopen(f"{self.url}/test/latency?ms={wait}&status={status}", timeout=10) as answer:
                    answer.read()
            except OSError:
                pass
            self.sent += 1
