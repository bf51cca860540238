"""The faults: what goes wrong for some seconds while the application is under load, and is right again."""

from __future__ import annotations

import sqlite3
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.faults.clock import Clock
from tests.programs.stack import WallCollector

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.faults.application import CountingApplication
    from tests.faults.proxy import Mode, Proxy
    from tests.programs import Prometheus

BLOCKED: Final = "one worker's event loop blocked"
_FORKS: Final = 5
_JUMP: Final = 3600
"""Seconds."""
_DISK: Final = "1m"
_QUEUE: Final = 20_000
"""Bytes of the queue that is to become full: those of some forty spans."""


@dataclass(frozen=True)
class Scene:
    """What runs.

    Attributes:
        folder: of the scene.
        collector: the shipped one.
        proxy: between application and Collector.
        behind: between Collector and what plays Tempo.
        prometheus: scrapes the Collector each second.
        application: under load.
    """

    folder: Path
    collector: WallCollector
    proxy: Proxy
    behind: Proxy
    prometheus: Prometheus
    application: CountingApplication


def _shipped(folder: Path, traces_to: str) -> WallCollector:
    return WallCollector(folder, traces_to=traces_to)


def _with_a_short_queue(folder: Path, traces_to: str) -> WallCollector:
    queue: dict[str, Any] = {"sending_queue": {"queue_size": _QUEUE, "batch": {"min_size": 1, "max_size": 20}}}
    return WallCollector(folder, traces_to=traces_to, extra={"exporters": {"otlp_grpc/tempo": queue}})


def _on_a_small_disk(folder: Path, traces_to: str) -> WallCollector:
    collector = WallCollector(folder, traces_to=traces_to)
    collector.storage.mkdir(parents=True, exist_ok=True)
    mount = f'mount -t tmpfs -o size={_DISK} tmpfs "$0" && exec "$@"'
    # In a mount namespace of its own, which ends with it.
    collector.command = ["unshare", "-Urm", "sh", "-c", mount, str(collector.storage), *collector.command]
    return collector


def _nothing(_: Path) -> dict[str, str]:
    return {}


def _fake_clock(folder: Path) -> dict[str, str]:
    return {"CLOCK": str(Clock(folder / "clock").file)}


@dataclass(frozen=True)
class Fault:
    """One fault.

    Attributes:
        happen: lets it happen for some seconds.
        collector: makes the Collector of a folder and of where its traces go.
        environment: what the application runs with besides.
    """

    happen: Callable[[Scene, float], None]
    collector: Callable[[Path, str], WallCollector] = _shipped
    environment: Callable[[Path], dict[str, str]] = _nothing


def _kill_the_collector(scene: Scene, seconds: float) -> None:
    scene.collector.kill()
    time.sleep(seconds)
    scene.collector.start()


def _kill_it_with_a_full_queue(scene: Scene, seconds: float) -> None:
    scene.behind.become("black hole")
    time.sleep(seconds / 2)
    scene.collector.kill()
    time.sleep(seconds / 2)
    scene.behind.become("pass")
    scene.collector.start()


def _fill_its_disk(scene: Scene, seconds: float) -> None:
    # What the Collector's mount namespace shows isn't in ours.
    filler = Path(f"/proc/{scene.collector.pid}/root{scene.collector.storage}") / "filler"
    scene.behind.become("black hole")
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while file.write(b"x" * 4096):
            pass
    time.sleep(seconds)
    filler.unlink()
    scene.behind.become("pass")


def _kill_prometheus(scene: Scene, seconds: float) -> None:
    scene.prometheus.kill()
    time.sleep(seconds)
    scene.prometheus.start()


def _block(scene: Scene, seconds: float) -> None:
    scene.application.ask(f"/block?seconds={seconds}", seconds + 20)


def _fork(scene: Scene, seconds: float) -> None:
    for _ in range(_FORKS):
        scene.application.ask("/fork", 20)
        time.sleep(seconds / _FORKS)


def _jump(scene: Scene, seconds: float) -> None:
    clock = Clock(scene.folder / "clock")
    for ahead in (_JUMP, 0):
        clock.set(ahead)
        time.sleep(seconds / 2)


def _lock_the_ledger(scene: Scene, seconds: float) -> None:
    [file] = (scene.application.folder / "tmp").rglob("*.ledger")
    lock = sqlite3.connect(file, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    time.sleep(seconds)
    lock.execute("ROLLBACK")
    lock.close()


def _between(mode: Mode) -> Callable[[Scene, float], None]:
    def happen(scene: Scene, seconds: float) -> None:
        scene.proxy.become(mode)
        time.sleep(seconds)
        scene.proxy.become("pass")

    return happen


FAULTS: Final[dict[str, Fault]] = {
    "Collector killed and down": Fault(_kill_the_collector),
    "Collector killed with a full queue": Fault(_kill_it_with_a_full_queue, _with_a_short_queue),
    "the Collector's disk full": Fault(_fill_its_disk, _on_a_small_disk),
    "endpoint refuses": Fault(_between("refuse")),
    "endpoint is a black hole": Fault(_between("black hole")),
    "endpoint is slow (1 s each way)": Fault(_between("slow")),
    "Prometheus killed and down": Fault(_kill_prometheus),
    "clock an hour ahead, then back": Fault(_jump, environment=_fake_clock),
    "workers fork while their threads run": Fault(_fork),
    "the ledger can't be written": Fault(_lock_the_ledger),
    BLOCKED: Fault(_block),
}


def _in_a_row(scene: Scene, seconds: float) -> None:
    each = [
        _kill_the_collector,
        _between("refuse"),
        _between("black hole"),
        _between("slow"),
        _kill_prometheus,
        _jump,
        _fork,
        _lock_the_ledger,
        _block,
    ]
    for happen in each:
        happen(scene, seconds / len(each))


IN_A_ROW: Final = Fault(_in_a_row, environment=_fake_clock)
"""The faults that need no other Collector, each for a ninth of the time: the short form."""
