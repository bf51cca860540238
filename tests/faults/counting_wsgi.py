"""The counting application without a framework and without an event loop, for threads of a WSGI server."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import pazpaz_otel
from tests.faults.counting import WORKSPACES_IN_DATABASE, count, open_sessions

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIEnvironment

open_sessions()
pazpaz_otel.observe("active_workspaces_24h", lambda: WORKSPACES_IN_DATABASE, every=1.0)


def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Count some visits of a workspace, or answer a probe."""
    _, what, workspace_id = f"{environ['PATH_INFO']}/".split("/")[:3]
    if what == "visits":
        asked = parse_qs(environ["QUERY_STRING"])
        count(workspace_id, float(asked["duration"][0]), int(asked.get("times", ["1"])[0]))
    start_response("200 OK", [("content-type", "application/json")])
    return [json.dumps({"worker": os.getpid()}).encode()]
