"""A steady load of requests, some of them slow or failing when asked for."""

from __future__ import annotations

import itertools
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

from tests.programs.callers import Callers

if TYPE_CHECKING:
    import random


class Load(Callers):
    """Sends requests one after another until the `with` block ends.

    Attributes:
        errors: share of requests that are to be answered with a 500.
        slow: share of requests that are to take `milliseconds`.
        pause: seconds between two requests of a thread.
        sent: how many were sent.
    """

    def __init__(self, url: str, threads: int = 4, pause: float = 0.04) -> None:
        self.url = url
        self.errors = 0.0
        self.slow = 0.0
        self.milliseconds = 300
        self.sent = 0
        self._numbers = itertools.count()  # one for all: each caller's own would fail all at the same moment
        super().__init__(threads, pause)

    def turn(self, _: random.Random) -> None:
        """Send the next request."""
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
