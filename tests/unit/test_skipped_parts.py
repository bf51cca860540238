"""What the SDK says of parts that fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opentelemetry.sdk.resources import Resource, ResourceDetector, get_aggregated_resources

from pazpaz_otel import skipped_parts

if TYPE_CHECKING:
    import pytest


class Failing(ResourceDetector):
    """A detector that an application asks itself."""

    def detect(self) -> Resource:
        """Fail."""
        raise OSError


def test_a_part_that_fails_after_the_start_is_the_sdks_to_report(caplog: pytest.LogCaptureFixture) -> None:
    """It isn't what the environment names, and nothing would report it."""
    skipped_parts.watch()
    skipped_parts.report(strict=False)
    get_aggregated_resources([Failing()])
    [record] = caplog.records
    assert record.funcName == "get_aggregated_resources"
