"""The guide's own stack around an application: prometheus-fastapi-instrumentator and sentry-sdk, set as it says."""

from __future__ import annotations

import os
from typing import Any

import sentry_sdk
from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from prometheus_fastapi_instrumentator import Instrumentator
from sentry_sdk.integrations.fastapi import FastApiIntegration

PHI_FIELDS = ("first_name", "last_name", "email", "phone", "date_of_birth", "subjective", "objective", "plan")
SAFE_HEADERS = {"content-type", "user-agent", "host"}


def strip(event: Any, _: Any) -> Any:
    """The guide's `before_send`: a deny-list over errors."""
    if "user" in event:
        event["user"] = {"id": event["user"].get("id")}
    request = event.get("request", {})
    request.pop("cookies", None)
    request.pop("query_string", None)
    if "headers" in request:
        request["headers"] = {key: value for key, value in request["headers"].items() if key.lower() in SAFE_HEADERS}
    for crumb in event.get("breadcrumbs", {}).get("values", []):
        if crumb.get("category") == "query":
            crumb["message"] = "[REDACTED SQL QUERY]"
    for exception in event.get("exception", {}).get("values", []):
        for frame in exception.get("stacktrace", {}).get("frames", []):
            frame.pop("vars", None)
    if isinstance(request.get("data"), dict):
        for field in PHI_FIELDS:
            if field in request["data"]:
                request["data"][field] = "[REDACTED PHI]"
    return event


def start() -> None:
    """Starts sentry-sdk; before the application is made."""
    sentry_sdk.init(
        dsn=os.environ["SENTRY_DSN"],
        environment="production",
        traces_sample_rate=0.1,
        profiles_sample_rate=0.1,
        integrations=[FastApiIntegration(transaction_style="endpoint")],
        before_send=strip,
        ignore_errors=["ConnectionClosed", "CancelledError"],
    )


def instrument(app: FastAPI) -> FastAPI:
    """Adds the metrics, in a registry of the application's own: two applications are measured in one process."""
    Instrumentator(
        should_group_status_codes=False,
        should_ignore_untemplated=True,
        excluded_handlers=["/metrics", "/health"],
        inprogress_name="http_requests_inprogress",
        inprogress_labels=True,
        registry=CollectorRegistry(),
    ).instrument(app).expose(app, include_in_schema=False, endpoint="/metrics")
    return app
