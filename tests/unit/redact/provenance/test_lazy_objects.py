"""Objects that an application's modules hold aren't asked what they are: a proxy's answer is code, and may fail."""

from __future__ import annotations

import logging
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from pazpaz_otel.redact.logger_names import logger_name
from pazpaz_otel.redact.provenance.places import Running
from pazpaz_otel.redact.text import judge

if TYPE_CHECKING:
    import pytest


class _Lazy:
    """As Django's settings before they are configured, and Werkzeug's locals outside a request."""

    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError(name)


LAZY: Any = _Lazy()


def _told(name: str) -> str:
    return f"no mail to {name} by {LAZY}"


def test_a_text_with_a_lazy_object_is_proven() -> None:
    """A statement that names such an object proves its text as any other does."""
    told = _told("Dana Levi")
    assert judge(told, Running(sys._getframe())).text == "no mail to {name} by {LAZY}"
    told = " ".join(("no mail", f"by {LAZY}"))
    assert judge(told, Running(sys._getframe())).text == "no mail by {LAZY}"


def test_a_loggers_name_is_looked_for_beside_lazy_objects(monkeypatch: pytest.MonkeyPatch) -> None:
    """A record isn't lost because some module holds such an object."""
    module = ModuleType("beside_lazy_objects")
    module.LAZY = LAZY  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    name = f"tasks.{module.__name__}"
    logging.getLogger(name)
    assert logger_name(name) is None
