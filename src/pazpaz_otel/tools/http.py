"""Requests with a secret that must not reach any other host."""

from __future__ import annotations

import urllib.request
from typing import Any


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Refuse redirects: they would send the secret to wherever they point."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def opener() -> urllib.request.OpenerDirector:
    """Return an opener that treats a redirect as an error."""
    return urllib.request.build_opener(_NoRedirect)
