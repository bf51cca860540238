"""The guards' own counts."""

from __future__ import annotations

import os
import threading

import pytest

from pazpaz_otel.redact import drops


@pytest.fixture(autouse=True)
def _counts(monkeypatch):
    monkeypatch.setattr(drops, "_dropped", {})
    monkeypatch.setattr(drops, "_failed", {})


def test_drops_are_counted_by_surface_and_reason():
    """Each drop is counted once, under its surface and reason."""
    drops.drop("span_attribute", "unlisted_key")
    drops.drop("span_attribute", "unlisted_key", 3)
    drops.drop("log_body", "unproven_text")
    drops.drop("log_body", "unproven_text", 0)
    assert drops.snapshot() == {("span_attribute", "unlisted_key"): 4, ("log_body", "unproven_text"): 1}


def test_no_text_becomes_a_label():
    """A surface, reason or error type that isn't listed counts as `other`."""
    drops.drop("Dana Levi", "Dana Levi")
    drops.fail("Dana Levi", "Dana Levi")
    drops.fail("log", ValueError("Dana Levi"))
    drops.fail("log", type("DanaLevi", (Exception,), {})())
    assert drops.snapshot() == {("other", "other"): 1}
    assert drops.failures() == {("other", "other"): 1, ("log", "ValueError"): 1, ("log", "other"): 1}


def test_a_snapshot_is_a_copy():
    """Who reads the counts can't change them."""
    drops.snapshot()["log", "other"] = 5
    assert drops.snapshot() == {}


def test_threads_lose_no_count():
    """Counts from many threads add up."""

    def work() -> None:
        for _ in range(5_000):
            drops.drop("metric", "overflow")

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert drops.snapshot() == {("metric", "overflow"): 20_000}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system doesn't fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_worker_starts_at_zero_and_can_count():
    """What a parent dropped is the parent's to report, and a lock held while it forked holds up no child."""
    drops.drop("log", "other")
    with drops._lock:
        child = os.fork()
        if child == 0:
            drops.drop("span", "too_long", 2)
            os._exit(0 if drops.snapshot() == {("span", "too_long"): 2} else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert drops.snapshot() == {("log", "other"): 1}


def test_a_drop_in_the_midst_of_a_drop_is_counted():
    """A finalizer that logs and drops while a drop is being counted neither waits for itself nor is lost."""
    before = drops.snapshot().get(("log", "unguarded"), 0)

    class Finalized:
        def __hash__(self) -> int:
            drops.drop("log", "unguarded")
            return hash("span")

        def __eq__(self, other: object) -> bool:
            return other == "span"

    done = threading.Thread(target=drops.drop, args=(Finalized(), "unguarded"), daemon=True)
    done.start()
    done.join(20)
    assert not done.is_alive()
    assert drops.snapshot()[("log", "unguarded")] > before
