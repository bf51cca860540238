"""What an event says of the request in which it occurred."""

from __future__ import annotations

from types import SimpleNamespace
from unittest import mock

import pytest

from pazpaz_otel.sentry.request import RequestContext


@pytest.mark.parametrize(("kind", "status"), [("http", 200), ("websocket", None)])
def test_a_websocket_has_no_status(kind: str, status: int | None):
    """A response's status is known once it has begun; the one that a span gives a WebSocket is no response's."""
    served = SimpleNamespace(status=200)
    context = RequestContext({"type": kind, "pazpaz_otel.request": served}, mock.Mock())
    context.failed()
    assert context.status == status
