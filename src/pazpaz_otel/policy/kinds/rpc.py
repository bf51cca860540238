"""Remote procedure calls: services and methods of which the process has a description."""

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
        belongs="a gRPC service for which the process has a descriptor, an AWS service that it calls, or a `name`",
        handling="leaves if the process has its description, or if it is a `name`",
        # AWS has "Route 53 Domains" and "Elastic Load Balancing v2".
        shape=r"^[A-Za-z_][A-Za-z0-9_.]{0,254}(?: [A-Z][A-Za-z0-9]{0,40}){0,4}(?: v?[0-9]{1,2}(?: [A-Z][a-z]{0,9})?)?$",
        prove=_service,
        written=True,
        refuses=("dvora levinson", "305123456", "Dvora 305123456", "Dvora 05 22 34 56 78"),
    ),
    KindType(
        name="rpc_method",
        belongs="a method of such a service, with or without the service before it, or a value of kind `name`",
        handling="leaves if the process has the service's description, or if it is a `name`",
        shape=r"^/?(?:[A-Za-z_][A-Za-z0-9_.]{0,199}/)?[A-Za-z_][A-Za-z0-9_.]{0,99}$",
        prove=_method,
        written=True,
        refuses=("dvora levinson", "305123456"),
    ),
)
