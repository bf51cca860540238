"""The bound on how many names a place resolves."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from urllib3 import PoolManager
from urllib3.exceptions import MaxRetryError

from pazpaz_otel.redact.exception_text import judge_message
from pazpaz_otel.redact.provenance import allowance
from pazpaz_otel.redact.provenance.following import Follower

if TYPE_CHECKING:
    from types import FrameType

_FEW = 5000


def test_steps_are_used_up_and_given_back() -> None:
    """Within a block as many steps are taken as it allows; what is around it keeps its own."""
    with allowance.of(3):
        with allowance.of(1):
            assert [allowance.take(), allowance.take()] == [True, False]
        assert [allowance.take() for _ in range(4)] == [True, True, True, False]
    assert allowance.take()


@pytest.mark.slow
def test_what_a_failed_connection_says_is_soon_judged() -> None:
    """The functions of urllib3 that raise refer to half of the package: a failed export is judged in few steps."""
    steps = 0

    def count(frame: FrameType, event: str, _: object) -> None:
        nonlocal steps
        steps += event == "call" and frame.f_code is Follower._follow.__code__

    with pytest.raises(MaxRetryError) as raised:
        PoolManager().request("GET", "http://127.0.0.1:9/", retries=0)
    sys.setprofile(count)
    try:
        judge_message(raised.value)
    finally:
        sys.setprofile(None)
    assert 0 < steps <= _FEW
