"""Requests that are served leave nothing behind that only a garbage collection frees.

Reference cycles cost a collection every few requests, which holds up all others, and keep what a request held.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.integration.instrumented import completed
from tests.programs import HttpSink

if TYPE_CHECKING:
    from pathlib import Path

# What is sent in the background meanwhile isn't a request's.
_QUIET = {
    "OTEL_BSP_SCHEDULE_DELAY": "600000",
    "OTEL_BLRP_SCHEDULE_DELAY": "600000",
    "OTEL_METRIC_EXPORT_INTERVAL": "600000",
}


@pytest.mark.parametrize("sentry", [False, True], ids=["alone", "with sentry"])
def test_requests_leave_no_cycles(tmp_path: Path, sentry: bool):
    """A request that is freed at once without instrumentation is freed at once with it; errors hold their frames."""
    # Importing the application takes longer than collecting a hundred files.
    from tests.integration.apps import lean_cases

    with HttpSink() as sink:
        more = {"SENTRY_DSN": sink.endpoint.replace("://", "://key@") + "/1"} if sentry else {}
        ours = json.loads(completed("garbage.py", tmp_path, sink, {**_QUIET, **more}))
        bare = json.loads(completed("garbage.py", tmp_path, sink, _QUIET, zero_code=False))
    freed = [int(case) for case, left in bare.items() if not left and "broken" not in lean_cases.CASES[int(case)][2]]
    assert len(freed) > len(lean_cases.CASES) / 2
    assert {lean_cases.CASES[case][1:3]: ours[str(case)] for case in freed if ours[str(case)]} == {}
