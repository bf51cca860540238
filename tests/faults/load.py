"""A steady load from outside, and what became of it."""

from __future__ import annotations

import http.client
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.faults.truth import quantile
from tests.programs.callers import Callers

if TYPE_CHECKING:
    import random


@dataclass
class Outcome:
    """What the callers saw."""

    latencies: list[float] = field(default_factory=list)
    failed: int = 0

    @property
    def p95(self) -> float:
        """p95 latency in seconds."""
        return quantile(self.latencies, 0.95) if self.latencies else 0.0


class Load(Callers):
    """Calls the counting application from several threads until it is stopped.

    Args:
        port: of the application.
        workspaces: whose visits are counted.
        rate: calls a second.
        times: visits a call.
        threads: callers.
    """

    def __init__(self, port: int, workspaces: list[str], *, rate: float = 60, times: int = 4, threads: int = 4) -> None:
        self._port = port
        self._workspaces = workspaces
        self._times = times
        self._lock = threading.Lock()
        self.outcome = Outcome()
        super().__init__(threads, threads / rate)

    def turn(self, chance: random.Random) -> None:
        """Call for one of the workspaces."""
        duration = round(chance.lognormvariate(-2, 0.7), 4)
        self.call(chance.choice(self._workspaces), duration, self._times)

    def call(self, workspace: str, duration: float = 0.07, times: int = 1) -> None:
        """Makes one call, on a connection of its own: a worker that ends takes no other's along."""
        started = time.monotonic()
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=15)
            connection.request(
                "POST", f"/visits/{workspace}?duration={duration}&times={times}", headers={"connection": "close"}
            )
            ok = connection.getresponse().status == 200
            connection.close()
        except OSError:
            ok = False
        except http.client.HTTPException:
            ok = False
        with self._lock:
            self.outcome.latencies.append(time.monotonic() - started)
            self.outcome.failed += not ok
