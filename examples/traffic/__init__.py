"""Traffic for the practice API: realistic, full of invented patient data, and counted exactly."""

from __future__ import annotations

from .account import Account
from .driver import Plan, drive

__all__ = ["Account", "Plan", "drive"]
