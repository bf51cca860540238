"""Calls a gRPC service of its own, and services of AWS, about the client that is its argument."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import botocore.session
import grpc
from botocore.model import OperationNotFoundError
from botocore.stub import Stubber
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as messages
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc as services


class Received(services.TraceServiceServicer):
    """A generated service."""

    def Export(self, request: Any, context: Any) -> Any:  # noqa: N802 - a generated name
        """Take everything."""
        return messages.ExportTraceServiceResponse()


def call_own(client: str) -> None:
    """Call a method that the service has, and one that a client's name makes."""
    server = grpc.server(ThreadPoolExecutor(1))
    services.add_TraceServiceServicer_to_server(Received(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        services.TraceServiceStub(channel).Export(messages.ExportTraceServiceRequest())
        for path in (f"/clinic.Clients/{client}", f"/{messages.DESCRIPTOR.package}.TraceService/{client}"):
            try:
                channel.unary_unary(path)(b"")
            except grpc.RpcError:
                continue
    server.stop(None).wait()


def call_aws(client: str) -> None:
    """Store what is said of a client, and read a secret that isn't there."""
    session = botocore.session.get_session()
    session.set_credentials("key", "secret")
    storage = session.create_client("s3", region_name="eu-west-1")
    secrets = session.create_client("secretsmanager", region_name="eu-west-1")
    with Stubber(storage) as stored, Stubber(secrets) as secret:
        stored.add_response("put_object", {}, {"Bucket": "notes", "Key": client, "Body": client.encode()})
        storage.put_object(Bucket="notes", Key=client, Body=client.encode())
        with suppress(OperationNotFoundError):
            storage._make_api_call(client, {})
        secret.add_client_error("get_secret_value", "ResourceNotFoundException", f"No secret of {client}")
        try:
            secrets.get_secret_value(SecretId=client)
        except secrets.exceptions.ResourceNotFoundException:
            return


for call in (call_own, call_aws):
    call(sys.argv[1])
