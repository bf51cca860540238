"""What a process proves of its remote procedure calls."""

from __future__ import annotations

import importlib

from google.protobuf import descriptor_pb2, descriptor_pool

from pazpaz_otel.redact.evidence import Evidence
from pazpaz_otel.redact.prover import ProcessProver

GENERATED = "opentelemetry.proto.collector.trace.v1.trace_service_pb2"


def test_a_service_of_a_generated_module_is_proven() -> None:
    """Its module was made of the application's own file, and so were its methods."""
    importlib.import_module(GENERATED)
    prover = ProcessProver(Evidence())
    assert prover.rpc("opentelemetry.proto.collector.trace.v1.TraceService", "Export")
    assert not prover.rpc("opentelemetry.proto.collector.trace.v1.TraceService", "Import")


def test_a_service_that_code_described_is_not() -> None:
    """A descriptor that is put into the pool at run time may have any name, also a client's."""
    client = "maon"[::-1].title()
    file = descriptor_pb2.FileDescriptorProto(name=f"{client}.proto", package="desk")
    file.message_type.add(name="Note")
    file.service.add(name=client).method.add(name="Get", input_type=".desk.Note", output_type=".desk.Note")
    descriptor_pool.Default().Add(file)
    prover = ProcessProver(Evidence())
    assert not prover.rpc(f"desk.{client}")
    assert not prover.rpc(f"desk.{client}", "Get")
