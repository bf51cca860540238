"""Requests that carry a secret: it stays with the host that it was meant for."""

from __future__ import annotations

import urllib.request
from typing import Any


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would take the secret along to wherever it points."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def opener() -> urllib.request.OpenerDirector:
    """Return an opener that follows no redirect: the answer that asks for one is an error."""
    return urllib.request.build_opener(_NoRedirect)
