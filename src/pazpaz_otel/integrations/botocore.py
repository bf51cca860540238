"""The AWS SDK (boto3): calls by service and operation, without their parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pazpaz_otel.integrations.library import Library, Wiring


def _request_hook(wiring: Wiring) -> Mapping[str, Any]:
    services = wiring.guard.evidence.rpc_services

    def request_hook(span: Any, _: str, operation: str, __: object) -> None:
        # The instrumentation takes both from botocore's model of the service.
        if (service := (getattr(span, "attributes", None) or {}).get("rpc.service")) is not None:
            services.add(service, operation)

    return {"request_hook": request_hook}


LIBRARY: Final = Library(
    name="AWS SDK", package="botocore", instrumentors={"botocore": _request_hook}, late={"botocore": "botocore.client"}
)
