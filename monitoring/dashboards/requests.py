"""Expressions of HTTP requests: the metrics that hold them, and what several panels make of these."""

from __future__ import annotations

COUNT = "http_server_request_duration_seconds_count"
BUCKET = "http_server_request_duration_seconds_bucket"
SUM = "http_server_request_duration_seconds_sum"
SERVER_ERROR = 'http_response_status_code=~"5.."'


def share(status: str, window: str, scope: str, by: str = "") -> str:
    """Return the share of requests with `status`: 0 without such requests, nothing without any request.

    Args:
        status: a matcher of theirs.
        window: a duration, or one of Grafana's variables.
        scope: matchers of all requests.
        by: labels to keep; none for one share.
    """
    grouped = f"sum by ({by}) " if by else "sum"
    every = f"{grouped}(rate({COUNT}{{{scope}}}[{window}]))"
    return f"({grouped}(rate({COUNT}{{{scope}, {status}}}[{window}])) or 0 * {every}) / ({every} > 0)"


def routed(expression: str) -> str:
    """Return the expression with a name for requests that met no route; a legend would say nothing of them."""
    return f'label_replace({expression}, "http_route", "no route", "http_route", "")'
