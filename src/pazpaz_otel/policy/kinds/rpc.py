"""Remote procedure calls: services and methods for which the process has descriptors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pazpaz_otel.policy.kind_type import KindType, Prover, exact
from pazpaz_otel.policy.kinds.source import prove_name


def _service(value: str, beside: Mapping[str, Any], prover: Prover) -> str | None:
    return value if prover.rpc(value) else prove_name(value, beside, prover)


def _method(value: str, beside: Mapping[str, Any], prover: Prover) -> str | None:
    service, _, method = value.strip("/").rpartition("/")
    named = service or exact(beside.get("rpc.service"))
    if named is not None and prover.rpc(named, method):
        return value
    return prove_name(value, beside, prover)


KINDS = (
    KindType(
        name="rpc_service",
        belongs="a Protocol Buffers service for which the process has a descriptor, or a value of kind `name`",
        handling="leaves if the process has its descriptor, or if it is a `name`",
        shape=r"^[A-Za-z_][A-Za-z0-9_.]{0,254}$",
        prove=_service,
        written=True,
        refuses=("dvora levinson", "305123456"),
    ),
    KindType(
        name="rpc_method",
        belongs="a method of such a service, with or without the service before it, or a value of kind `name`",
        handling="leaves if the process has the service's descriptor, or if it is a `name`",
        shape=r"^/?(?:[A-Za-z_][A-Za-z0-9_.]{0,199}/)?[A-Za-z_][A-Za-z0-9_.]{0,99}$",
        prove=_method,
        written=True,
        refuses=("dvora levinson", "305123456"),
    ),
)
