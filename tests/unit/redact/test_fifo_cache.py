"""Caches of a limited size, and the list of all of them."""

from __future__ import annotations

import gc

from pazpaz_otel.redact import fifo_cache
from pazpaz_otel.redact.fifo_cache import FifoCache


def test_a_full_cache_discards_its_oldest_entry():
    """The entry that was stored first goes first, however often it was read."""
    cache: FifoCache[str, int] = FifoCache(2)
    for number, key in enumerate("abc"):
        cache.keep(key, number)
        cache.get("a")
    assert cache == {"b": 1, "c": 2}


def test_every_living_cache_is_emptied_at_the_end():
    """Caches are told apart by who they are: one that is freed takes no equal one with it, and leaves nothing."""
    before = len(fifo_cache._all)
    caches: list[FifoCache[str, int]] = [FifoCache(2) for _ in range(5)]
    del caches[1:4]
    gc.collect()
    left = len(fifo_cache._all)
    for cache in caches:
        cache.keep("a", 1)
    fifo_cache.empty_all()
    assert left <= before + 2
    assert caches == [{}, {}]
