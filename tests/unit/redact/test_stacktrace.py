"""A stack trace that is only a text leaves by the lines that the process can prove."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pazpaz_otel.redact.stacktrace import guard_stacktrace

NAME = bytes.fromhex("44616e614c65766941627261").decode()  # no constant of this file


@pytest.mark.parametrize("value", [None, 5, b"x", "", NAME, f"{NAME}\n" * 5000, "x" * 1_000_000])
def test_what_is_no_trace_is_dropped(value):
    """A text without one proven line leaves nothing."""
    assert guard_stacktrace(value) is None


FORGED = st.sampled_from(
    [
        f'  File "{json.__file__}", line 999999, in loads',
        f'  File "{json.__file__}", line 12, in {NAME}',
        f'  File "/home/{NAME}/app.py", line 12, in loads',
        f"ValueError: {NAME}",
        f"{NAME}: x",
        f"builtins.{NAME}: x",
        f"Traceback (most recent call last): {NAME}",
        f"  | {NAME}",
        f"  + {NAME}",
        f"    {NAME}()",
        "    ~~~^^^",
        NAME,
        f"\r{NAME}",
        f"\x85{NAME}\u2028",
        "Traceback (most recent call last):",
        "ValueError",
        "  +-+---------------- 1 ----------------",
    ]
)


@given(st.lists(FORGED, max_size=20), st.sampled_from(["\n", "\n\n", "\r\n", "\n  | "]))
def test_forged_lines_carry_nothing_out(lines: list[str], end: str):
    """Lines that only look like a trace's are dropped or lose what isn't proven."""
    safe = guard_stacktrace(end.join(lines)) or ""
    assert NAME not in safe
    assert "999999" not in safe
    assert "/home" not in safe
