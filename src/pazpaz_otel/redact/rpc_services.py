"""Services of remote procedure calls, and their methods: generated for gRPC, or described by a library's own models."""

from __future__ import annotations

import re
import sys
from typing import Any, Final

from pazpaz_otel.redact.provenance.code_index import imported

_NAME: Final = re.compile(r"/?([A-Za-z_][A-Za-z0-9_. ]{0,199})[./]([A-Za-z_][A-Za-z0-9_]{0,99})")


class RpcServices:
    """The services that the process can serve or call."""

    def __init__(self) -> None:
        self._called: set[tuple[str, str | None]] = set()

    def add(self, service: str, method: str) -> None:
        """Add a service and one of its methods, as a library's own description names them."""
        self._called.update({(service, method), (service, None)})

    def has(self, service: str, method: str | None = None) -> bool:
        """Return whether there is this service and, if given, this method of it."""
        return (service, method) in self._called or _is_in_grpc(service, method)

    def has_name(self, name: str) -> bool:
        """Return whether a span's name is a method with its service: `/clinic.Calendar/Book`, `S3.PutObject`."""
        found = _NAME.fullmatch(name)
        return found is not None and self.has(found[1], found[2])


def _is_in_grpc(service: str, method: str | None) -> bool:
    pools: Any = sys.modules.get("google.protobuf.descriptor_pool")
    if pools is None:
        return False
    try:
        descriptor = pools.Default().FindServiceByName(service)
    except KeyError:
        return False
    return _is_generated(descriptor.file.name) and (method is None or method in descriptor.methods_by_name)


def _is_generated(proto: str) -> bool:
    """Return whether a loaded module was generated from a `.proto` file; code can make descriptors of any name."""
    generated = proto.removesuffix(".proto").replace("-", "_").replace("/", ".") + "_pb2"
    # It may be imported from a folder above or below the one that its file was compiled in.
    return any(
        f".{name}".endswith(f".{generated}") or f".{generated}".endswith(f".{name}")
        for name in list(sys.modules)
        if name.endswith("_pb2") and imported(name)
    )
