"""Dictionaries that are printed: the keys that the source writes leave, and no value."""

from __future__ import annotations

import json
import sys
import urllib.parse
from typing import Any

import pytest

from pazpaz_otel.redact.provenance.places import Running
from pazpaz_otel.redact.text import judge


def _left(text: str) -> str | None:
    return judge(text, Running(sys._getframe(1))).text


@pytest.fixture(params=["Dana Levi", '"305123456"', "{'dana': 1}", ""])
def name(request: pytest.FixtureRequest) -> str:
    """What stands for a patient."""
    return str(request.param)


def test_the_literal_keys_of_a_printed_dictionary_leave(name: str) -> None:
    """JSON, a query string and Python's own form tell their keys, with a hole for each value."""
    left = _left("webhook " + json.dumps({"owner": name, "sent_to": [name]}))
    assert left == 'webhook {"owner": {…}, "sent_to": {…}}'
    left = _left(json.dumps({"owner": name}, indent=2))
    assert left == '{{…}"owner": {…}}'
    left = _left("https://pay.example/done?" + urllib.parse.urlencode({"phone": name, "by": name}))
    assert left == "https://pay.example/done?phone={…}&by={…}"
    record = {"owner": name, "phone": name}
    left = _left(f"invalid record: {record}")
    assert left == "invalid record: {'owner': {…}, 'phone': {…}}"


def test_keys_that_are_data_stay(name: str) -> None:
    """A dictionary with a key that isn't a literal, or with other items, tells nothing."""
    rest: dict[str, Any] = {name: name}
    left = _left("webhook " + json.dumps({name: "owner"}))
    assert left == "webhook {…}"
    left = _left("webhook " + json.dumps({"owner": name, **rest}))
    assert left == "webhook {…}"
    left = _left("webhook " + json.dumps(rest))
    assert left == "webhook {…}"
    left = _left(json.dumps({"event": "saved", "owner": name}))
    assert left is None
    left = _left(json.dumps({"owner": name, name: name}))
    assert left is None
    left = _left("webhook " + json.dumps({"owner": name, "by": name}, sort_keys=True))
    assert left == "webhook {…}"
