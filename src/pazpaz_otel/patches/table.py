"""The table of patches: every replaced attribute of another package, and why no public seam will do."""

from __future__ import annotations

from typing import Final

from pazpaz_otel.patches import job_rows, library_rows, log_rows, object_rows, opentelemetry_rows
from pazpaz_otel.patches.patch import Patch

__all__ = ["PATCHES", "Patch"]

PATCHES: Final = (
    *opentelemetry_rows.ROWS,
    *object_rows.ROWS,
    *library_rows.ROWS,
    *log_rows.ROWS,
    *job_rows.ROWS,
)
"""A target may have several rows; their wrappers stack in the order of installation."""
