"""Threads that call something again and again."""

from __future__ import annotations

import random
import threading
from abc import ABC, abstractmethod
from typing import Self


class Callers(ABC):
    """Call from several threads until the `with` block ends.

    Args:
        threads: how many.
        pause: seconds between two calls of a thread, give or take a half.
    """

    def __init__(self, threads: int, pause: float) -> None:
        self.pause = pause
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(n,), daemon=True) for n in range(threads)]

    @abstractmethod
    def turn(self, chance: random.Random) -> None:
        """Make one call; `chance` is the thread's own, and the same in every run."""

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(20)

    def _run(self, seed: int) -> None:
        chance, spread = random.Random(seed), random.Random(seed)
        # All at the same moment they would wait for each other.
        while not self._stop.wait(self.pause * spread.uniform(0.5, 1.5)):
            self.turn(chance)
