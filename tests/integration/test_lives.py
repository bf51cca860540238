"""To find what a text is made of, variables of the application's frames are read: none changes, none lives longer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from tests.integration.instrumented import completed
from tests.programs import HttpSink

if TYPE_CHECKING:
    from pathlib import Path


def _left(folder: Path, sink: HttpSink, *, zero_code: bool) -> dict[str, list[str]]:
    told = completed("lives.py", folder, sink, {}, zero_code=zero_code)
    return dict(json.loads(told.splitlines()[-1]))


def test_variables_stay_as_the_application_has_them(tmp_path: Path):
    """What a function drops is gone at once, handled errors too, and its `locals()` gets nothing new."""
    with HttpSink() as sink:
        bare, ours = _left(tmp_path, sink, zero_code=False), _left(tmp_path, sink, zero_code=True)
        assert sink.messages(ExportLogsServiceRequest)
    assert [case for case, left in bare.items() if left == ["held"]] == []
    assert ours == bare
