"""Texts that a thread passes to a logger's method."""

from __future__ import annotations

import importlib
import sys
import zlib
from typing import TYPE_CHECKING, Any

import pytest

from pazpaz_otel import patches
from pazpaz_otel.redact import log_templates
from tests.unit.redact.conftest import Templates

if TYPE_CHECKING:
    import threading
    from pathlib import Path

MODULE = """
import functools, logging, operator, threading
log = logging.getLogger(__name__)
LABELS = {{"7": "nightly sync started", "8": "told"}}
def fixed():
    return threading.Thread(target=log.warning, args=("nightly sync started",))
def counted(number):
    return threading.Thread(target=log.log, args=(30, f"sync of {{number}} done"))
def picked(code):
    return {picked}
"""
CHOICES = (
    "threading.Thread(target=log.warning, args=(LABELS[code],))",
    "threading.Thread(target=log.log, args=(30, LABELS[code]))",
    "threading.Thread(target=log.warning, kwargs={'msg': LABELS[code]})",
    "threading.Thread(target=getattr(log, 'warning'), args=(LABELS[code],))",
    "threading.Thread(target=operator.methodcaller('warning', LABELS[code]), args=(log,))",
    "threading.Thread(target=functools.partial(log.warning, LABELS[code]))",
    "threading.Thread(target=list, args=(map(log.warning, [LABELS[code]]),))",
    "[tell := log.warning, threading.Thread(target=tell, args=(LABELS[code],))][1]",
    "threading.Thread(target=getattr(log, 'WARNING'.lower()), args=(LABELS[code],))",
    "[threading.Thread(target=tell, args=(LABELS[code],)) for tell in (log.warning,)][0]",
    "(lambda text, tell=log.warning: threading.Thread(target=tell, args=(text,)))(LABELS[code])",
    "threading.Thread(target=log.warning, args=('told' if code == '8' else LABELS[code],))",
    "threading.Thread(target=log.warning, args=(LABELS.get(code) or 'told',))",
)


def told_by(picked: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """What a module's three threads tell, as it leaves."""
    # What a module says is kept by its name.
    name = f"sync_of_{zlib.crc32(picked.encode())}"
    (folder / f"{name}.py").write_text(MODULE.format(picked=picked))
    monkeypatch.syspath_prepend(folder)
    with patches.restored():
        log_templates.install()
        module: Any = importlib.import_module(name)
        handler = Templates()
        module.log.addHandler(handler)
        threads: list[threading.Thread] = [module.fixed(), module.counted(7), module.picked("7")]
        for thread in threads:
            thread.start()
            thread.join()
        module.log.removeHandler(handler)
    del sys.modules[name]
    return handler.told


def test_a_literal_and_a_template_are_proven(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module that passes only its own texts on says them."""
    # A long sum is a deep tree.
    deep = f"[str({' + '.join(['code'] * 1200)}), threading.Thread(target=log.warning, args=['swept'])][1]"
    told = told_by(deep, tmp_path, monkeypatch)
    assert told == ["nightly sync started", "sync of {number} done", "swept"]


@pytest.mark.parametrize("picked", CHOICES)
def test_a_module_that_also_passes_data_on_proves_none(
    picked: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What data picks from a table may equal a literal that another thread is given: no frame tells them apart."""
    told = told_by(picked, tmp_path, monkeypatch)
    assert len(told) == len(["fixed", "counted", "picked"])
    assert not any("nightly" in str(text) for text in told)
