"""The AWS SDK (boto3): calls by service and operation, without their parameters."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, Final

from pazpaz_otel.integrations.library import Library, Wiring
from pazpaz_otel.patches.subclasses import family


def _request_hook(wiring: Wiring) -> Mapping[str, Any]:
    services = wiring.guard.evidence.rpc_services

    def request_hook(span: Any, _: str, operation: str, __: object) -> None:
        # The service is from botocore's model, but the operation may be any text: `client._make_api_call(text, {})`.
        service = (getattr(span, "attributes", None) or {}).get("rpc.service")
        if service is not None and not services.has(service, operation) and _is_operation(operation):
            services.add(service, operation)

    return {"request_hook": request_hook}


def _is_operation(name: str) -> bool:
    """Return whether a client has this operation: botocore makes a class for each service from its model."""
    clients = family(sys.modules["botocore.client"].BaseClient)
    return any(name in getattr(client, "_PY_TO_OP_NAME", {}).values() for client in clients)


LIBRARY: Final = Library(
    name="AWS SDK", package="botocore", instrumentors={"botocore": _request_hook}, late={"botocore": "botocore.client"}
)
