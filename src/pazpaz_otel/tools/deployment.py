"""Check that a deployment has arrived: the site is healthy, the release sends metrics, no critical alert fires."""

from __future__ import annotations

import http.client
import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from pazpaz_otel.diagnosis import Finding
from pazpaz_otel.tools.reading import OTHER_SHAPE

_TIMEOUT: Final = 10.0
_PAUSE: Final = 2.0
_MAX_RESPONSE: Final = 1 << 20
_SENDERS: Final = 'target_info{telemetry_sdk_name!=""}'
_CRITICAL: Final = 'count by (alertname) (ALERTS{alertstate="firing", severity="critical"})'

Row = tuple[dict[str, str], float]


def wait_for(look: Callable[[], list[Finding]], seconds: float) -> list[Finding]:
    """Repeat a check until it finds no fault or the time is over; return its last result."""
    deadline = time.monotonic() + seconds
    while True:
        findings = look()
        if not any(finding.state == "fault" for finding in findings) or time.monotonic() >= deadline:
            return findings
        time.sleep(max(min(_PAUSE, deadline - time.monotonic()), 0))


def health(site: str) -> Finding:
    """Query the site's health check, as an uptime service does.

    Args:
        site: the site's origin, such as ``https://pazpaz.app``.
    """
    url = f"{site.rstrip('/')}/health"
    try:
        document = _document(url)
    except urllib.error.HTTPError as error:
        with error:
            return Finding("fault", "health", f"{url} answers {error.code}", "the API's log says which check failed")
    except (OSError, *OTHER_SHAPE) as error:
        return Finding("fault", "health", f"{url}: {type(error).__name__}", "does the site answer at all?")
    status = document.get("status") if isinstance(document, dict) else None
    if status != "healthy":
        return Finding("fault", "health", f"{url} answers 200 without status healthy", "is that the API or a web page?")
    return Finding("ok", "health", f"{url} is healthy")


def telemetry(prometheus: str, release: str | None, service: str | None) -> list[Finding]:
    """Ask Prometheus whether the release sends metrics, and which critical alerts fire.

    Args:
        prometheus: Prometheus' origin, such as ``http://localhost:9090``.
        release: the deployed version; None for any.
        service: the service's name; None for any.
    """
    try:
        senders, firing = _query(prometheus, _SENDERS), _query(prometheus, _CRITICAL)
        mine = [labels for labels, _ in senders if service in {None, labels.get("job")}]
        return [_arrives(mine, service), *_version(mine, release), _quiet(firing)]
    except (OSError, *OTHER_SHAPE) as error:
        text = f"{prometheus} can't be queried: {type(error).__name__}"
        return [Finding("fault", "Prometheus", text, "it listens on the server's 127.0.0.1: open a tunnel first")]


def _arrives(senders: list[dict[str, str]], service: str | None) -> Finding:
    who = service or "any service"
    if not senders:
        return Finding("fault", "telemetry", f"no metrics of {who} arrive", "run pazpaz-otel doctor in its container")
    jobs = ", ".join(sorted({labels.get("job", "") for labels in senders}))
    return Finding("ok", "telemetry", f"metrics arrive: {jobs}")


def _version(senders: list[dict[str, str]], release: str | None) -> list[Finding]:
    if release is None or not senders:
        return []
    versions = {labels.get("service_version", "") for labels in senders}
    if release not in versions:
        seen = ", ".join(sorted(filter(None, versions))) or "none"
        return [Finding("fault", "release", f"{release} sends no metrics; seen: {seen}", "is RELEASE set in .env?")]
    others = ", ".join(sorted(versions - {release, ""}))
    if others:
        return [
            Finding("note", "release", f"{release} sends metrics, and so does {others}", "the old one may linger 5 min")
        ]
    return [Finding("ok", "release", f"{release} sends metrics")]


def _quiet(firing: list[Row]) -> Finding:
    names = ", ".join(sorted(labels.get("alertname", "") for labels, _ in firing))
    if names:
        return Finding("fault", "alerts", f"critical alerts fire: {names}", "each has a page in docs/runbooks")
    return Finding("ok", "alerts", "no critical alert fires")


def _query(prometheus: str, expression: str) -> list[Row]:
    parameters = urllib.parse.urlencode({"query": expression})
    answer = _document(f"{prometheus.rstrip('/')}/api/v1/query?{parameters}")
    return [(dict(row["metric"]), float(row["value"][1])) for row in answer["data"]["result"]]


def _document(url: str) -> Any:
    request = urllib.request.Request(url, headers={"Accept": "application/json"})  # noqa: S310 - the user's own URL
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310 - the operator's own URL
            if answer.status != HTTPStatus.OK:
                raise ValueError(f"answers {answer.status}")
            return json.loads(answer.read(_MAX_RESPONSE))
    except http.client.HTTPException as error:
        # Its message quotes the address, which may have a secret, or what was answered.
        raise ConnectionError(type(error).__name__) from None
