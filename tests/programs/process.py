"""A program that runs for the length of a test and never longer."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

T = TypeVar("T")

_START: Final = 120.0
"""Seconds: on a busy machine, a server with four workers takes forty."""


def wait_until(condition: Callable[[], T | None], what: str, timeout: float = 30.0) -> T:
    """Poll until `condition` returns something true, and return it.

    Args:
        condition: called at growing intervals; an `OSError` counts as "not yet".
        what: what is waited for, for the message.
        timeout: seconds.

    Raises:
        TimeoutError: `timeout` passed.
    """
    deadline = time.monotonic() + timeout
    pause = 0.01
    while True:
        with suppress(OSError):
            result = condition()
            if result:
                return result
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {timeout:.0f} s for {what}")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.25)


class Program:
    """A child process with its output in a file, ended with the `with` block or, at the latest, with this process.

    Args:
        command: the program and its arguments.
        folder: where its output goes (`<name>.log`), and its working directory.
        environment: added to this process's environment.
        name: for messages and the log's file name.
    """

    def __init__(
        self, command: list[str], folder: Path, environment: Mapping[str, str] | None = None, name: str | None = None
    ) -> None:
        self.command = command
        self.folder = folder
        self.environment = dict(environment or {})
        self.name = name or Path(command[0]).name
        self.log_file = folder / f"{self.name}.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        """Everything it has written so far."""
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process is not None, f"{self.name} was not started"
        return self._process.pid

    def start(self) -> Self:
        """Start it and wait until it is ready.

        Raises:
            RuntimeError: it ended before it was ready.
            TimeoutError: it didn't get ready.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(
                [*_die_with_parent(), *self.command],
                cwd=self.folder,
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            wait_until(self._ready_or_ended, f"{self.name} to be ready", _START)
        except BaseException:
            self.kill()
            raise
        return self

    def ready(self) -> bool:
        """Whether it does its work; an `OSError` means not yet."""
        return True

    def stop(self, timeout: float = 20.0, *, alone: bool = False) -> None:
        """Ask it to end; kill what is left after `timeout` seconds.

        Args:
            timeout: seconds.
            alone: leave it to the program to ask its children, as container runtimes do.
        """
        self._end(signal.SIGTERM, timeout, alone=alone)

    def kill(self) -> None:
        """End it without asking."""
        self._end(signal.SIGKILL, 5.0)

    def _end(self, first: signal.Signals, timeout: float, *, alone: bool = False) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(ProcessLookupError):
            (os.kill if alone else os.killpg)(process.pid, first)
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            pass
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(5)

    def _ready_or_ended(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise RuntimeError(f"{self.name} ended with {self._process.returncode}: {self.log[-2000:]}")
        return self.ready()

    def __enter__(self) -> Self:
        return self if self._process else self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


def _die_with_parent() -> list[str]:
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL"] if setpriv else []
