"""What becomes of a test whose program can't be had."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def in_ci() -> bool:
    """Whether this run must have every program."""
    return os.environ.get("CI", "").lower() == "true"


def unavailable(program: str, reason: str, command: str) -> NoReturn:
    """Skip the test, or fail it in CI; the message names the command that gets the program."""
    message = f"{program}: {reason}; get it with `{command}`"
    if in_ci():
        pytest.fail(message, pytrace=False)
    pytest.skip(message)
