"""Sending OTLP by hand."""

from __future__ import annotations

import urllib.error
import urllib.request

import grpc


def post(url: str, body: bytes, token: str | None, content_type: str = "application/x-protobuf") -> int:
    """The status of a POST."""
    headers = {"Content-Type": content_type}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=20) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code


def call(target: str, method: str, body: bytes, token: str | None) -> grpc.StatusCode:
    """The status of a unary call."""
    with grpc.insecure_channel(target) as channel:
        metadata = [] if token is None else [("authorization", f"Bearer {token}")]
        try:
            channel.unary_unary(method)(body, metadata=metadata, timeout=20)
        except grpc.RpcError as error:
            return error.code()
    return grpc.StatusCode.OK
