"""What the ledger is given, and so writes into its file, is guarded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opentelemetry.sdk.metrics import MeterProvider

from pazpaz_otel.otel.ledger.batch import Intake
from pazpaz_otel.otel.ledger.points import encode
from pazpaz_otel.otel.ledger.reader import LedgerReader
from tests.unit.otel.writing import NAME, guard_process

if TYPE_CHECKING:
    from opentelemetry.sdk.metrics.export import MetricsData


def _written(*bounds: float) -> str:
    """Return what the ledger would write of a histogram with these bucket boundaries, and of its label."""
    guard_process()
    intake = Intake(lambda _: 10)

    def take(data: MetricsData, complete: bool) -> None:
        intake.take(data, complete=complete)

    reader = LedgerReader(take, lambda _: True, lambda _: None)
    meter = MeterProvider([reader], shutdown_on_exit=False).get_meter("tests")
    wait = meter.create_histogram("wait", description=NAME, explicit_bucket_boundaries_advisory=list(bounds))
    wait.record(2, {"client.name": NAME})
    reader.collect()
    batch = intake.batch.totals
    return str(
        [
            (described, attributes, encode(point))
            for described in batch
            for attributes, point in batch[described].items()
        ]
    )


def test_a_histograms_boundaries_are_judged_before_the_ledger() -> None:
    """A boundary has as many digits as a measurement may have; with one of nine digits the histogram isn't written."""
    written = _written(1, 2.123456789)
    assert '"b":[1,2.12346]' in written.replace(" ", "")
    assert "305123456" not in written
    assert _written(1, 305123456) == "[]"
