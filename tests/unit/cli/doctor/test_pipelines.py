"""The settings that take the SDK's way are named with the signal, the reason and the hint."""

from __future__ import annotations

import pytest

from pazpaz_otel.cli.doctor.pipelines import MANY_ATTRIBUTES, dearer
from pazpaz_otel.otel.otlp import shapes

AGGREGATION = "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION"


def told(**variables: str) -> list[tuple[str, str]]:
    return [
        (finding.subject, finding.text.partition(";")[0])
        for finding in dearer({"OTEL_SERVICE_NAME": "practice-api"} | variables)
    ]


def test_the_defaults_take_our_own_way() -> None:
    """Nothing is said where no setting takes the SDK's way, also where a variable says the default."""
    assert told() == []
    assert told(OTEL_TRACES_EXPORTER="otlp", OTEL_LOGS_EXPORTER="none", PAZPAZ_OTEL_LEAN="true") == []
    assert told(OTEL_EXPORTER_OTLP_PROTOCOL="http/protobuf", OTEL_METRICS_EXPORTER="prometheus") == []


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"PAZPAZ_OTEL_LEAN": "false"}, [("PAZPAZ_OTEL_LEAN", "is false: OpenTelemetry's own packages handle")]),
        (
            {"OTEL_SEMCONV_STABILITY_OPT_IN": "database"},
            [("OTEL_SEMCONV_STABILITY_OPT_IN", "asks for the old HTTP conventions")],
        ),
        (
            {"OTEL_SEMCONV_STABILITY_OPT_IN": "http/dup,http"},
            [("OTEL_SEMCONV_STABILITY_OPT_IN", "asks for the old HTTP conventions")],
        ),
        (
            {"OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT": "4096"},
            [("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "is set: OpenTelemetry's own packages make the spans")],
        ),
        ({"OTEL_ATTRIBUTE_COUNT_LIMIT": "63"}, [("OTEL_ATTRIBUTE_COUNT_LIMIT", "is below 64")]),
        ({"OTEL_ATTRIBUTE_COUNT_LIMIT": "64"}, []),
        ({AGGREGATION: "Base2_Exponential_Bucket_Histogram"}, [(AGGREGATION, "asks for exponential histograms")]),
        ({AGGREGATION: "base2_exponential_bucket_histogram", "OTEL_METRICS_EXPORTER": "prometheus"}, []),
        ({"OTEL_CONFIG_FILE": "sdk.yaml"}, [("OTEL_CONFIG_FILE", "is set: the SDK creates the processors of traces")]),
        (
            {"OTEL_TRACES_EXPORTER": "otlp_proto_grpc"},
            [("OTEL_TRACES_EXPORTER", "otlp_proto_grpc can't take encoded traces")],
        ),
        (
            {"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/protobuf"},
            [("OTEL_EXPORTER_OTLP_PROTOCOL", "is grpc: logs leave through the SDK's pipeline")],
        ),
        (
            {"OTEL_EXPORTER_OTLP_LOGS_PROTOCOL": "grpc"},
            [("OTEL_EXPORTER_OTLP_LOGS_PROTOCOL", "is grpc: logs leave through the SDK's pipeline")],
        ),
    ],
)
def test_each_setting_is_named(variables: dict[str, str], named: list[tuple[str, str]]) -> None:
    """A setting that takes the SDK's way is one note: the variable, the signal and why."""
    found = told(**variables)
    assert [subject for subject, _ in named] == [subject for subject, _ in found]
    assert all(text.startswith(start) for (_, text), (_, start) in zip(found, named, strict=True))


def test_the_limit_is_the_shapes() -> None:
    """The number of attributes below which a note is made is the one that decides."""
    assert MANY_ATTRIBUTES == shapes.MANY_ATTRIBUTES
