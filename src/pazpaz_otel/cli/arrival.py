"""Check that telemetry arrives, and at which receiver of the Collector."""

from __future__ import annotations

import contextlib
import time
import urllib.error
import urllib.request
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from pazpaz_otel.diagnosis import Finding, extras
from pazpaz_otel.diagnosis.endpoint import default_endpoint, named_endpoint
from pazpaz_otel.settings import inherited, mask

if TYPE_CHECKING:
    from collections.abc import Mapping

_SIGNALS: Final = ("traces", "metrics", "logs")
_TRUSTED_PORTS: Final = {4317: 4327, 4318: 4328}
"""The shipped Collector's ports for untrusted senders, each with the port for senders that have a token."""
_HINTS: Final = (
    ("refused", "is anything listening there? Start the Collector, or set OTEL_EXPORTER_OTLP_ENDPOINT"),
    ("Name or service", "the host name can't be resolved here; between containers, use the service's name"),
    ("401", "set OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20TOKEN with the receiver's token"),
    ("403", "the receiver doesn't accept the token"),
    ("404", "nothing accepts OTLP at that path; end OTEL_EXPORTER_OTLP_ENDPOINT before /v1/…"),
    ("405", "that isn't an OTLP receiver"),
    ("413", "the receiver accepts only smaller requests; lower OTEL_BSP_MAX_EXPORT_BATCH_SIZE"),
    ("429", "the receiver limits the rate; sample fewer traces"),
    ("503", "the receiver is over its memory limit or still starting"),
    ("UNAVAILABLE", "is anything listening there, and does it speak gRPC?"),
    ("UNAUTHENTICATED", "set OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20TOKEN with the receiver's token"),
    ("imeout", "it doesn't accept the connection: check firewalls and networks"),
    ("SSL", "the certificate isn't trusted; set OTEL_EXPORTER_OTLP_CERTIFICATE to the authority's"),
)
_MAX_SKEW: Final = 30.0
"""The clock difference in seconds above which traces and metrics no longer line up."""


def arrival(tempo: str | None) -> list[Finding]:
    """Send one item of each enabled signal, and report whether it arrived.

    Args:
        tempo: the origin of a Tempo from which to read the trace back, if any.
    """
    from pazpaz_otel.cli.delivery import deliver, read_back  # noqa: PLC0415 - the exporters take a second to import

    env = inherited()
    protocol = env.get("OTEL_EXPORTER_OTLP_PROTOCOL") or "http/protobuf"
    if env.get("OTEL_SDK_DISABLED", "").strip().lower() == "true" or protocol not in {"grpc", "http/protobuf"}:
        return []
    if any(extras.missing({"OTEL_EXPORTER_OTLP_PROTOCOL": protocol})):
        # The check of this variable reports it.
        return []
    on = [signal for signal in _SIGNALS if env.get(f"OTEL_{signal.upper()}_EXPORTER") != "none"]
    said, trace_id = deliver(protocol)
    findings = [_delivery_finding(signal, said[signal], env, protocol) for signal in on]
    if any(finding.state == "ok" for finding in findings):
        findings += _receiver_findings(env, protocol)
    findings += _clock_findings(env) if protocol != "grpc" else []
    if tempo and said["traces"] == "delivered":
        arrived = read_back(tempo, trace_id)
        text = f"has the trace {trace_id}" if arrived else f"doesn't have the trace {trace_id}"
        hint = "" if arrived else "does the Collector send traces there? Check the alert CollectorExportFailing"
        findings.append(Finding("ok" if arrived else "fault", "Tempo", text, hint))
    return findings


def endpoint(env: Mapping[str, str], protocol: str, signal: str | None = None) -> str:
    """Return the OTLP endpoint of a signal, from the environment or by default."""
    return named_endpoint(env, signal) or default_endpoint(protocol)


def _delivery_finding(signal: str, outcome: str, env: Mapping[str, str], protocol: str) -> Finding:
    where = mask(endpoint(env, protocol, signal), env)
    if outcome == "delivered":
        return Finding("ok", f"export of {signal}", f"delivered to {where}")
    hint = next((hint for part, hint in _HINTS if part in outcome), "")
    return Finding("fault", f"export of {signal}", f"{outcome} ({where})", hint)


def _receiver_findings(env: Mapping[str, str], protocol: str) -> list[Finding]:
    with contextlib.suppress(ValueError):
        url = urlsplit(endpoint(env, protocol))
        port = url.port
        if port in _TRUSTED_PORTS and "authorization" not in env.get("OTEL_EXPORTER_OTLP_HEADERS", "").lower():
            text = f"port {port} without a token: the shipped Collector replaces unproven text from such senders"
            hint = f"use port {_TRUSTED_PORTS[port]} and OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20TOKEN"
            return [Finding("note", "Collector's door", text, hint)]
    return []


def _clock_findings(env: Mapping[str, str]) -> list[Finding]:
    """Compare this machine's clock with the `Date` of the receiver's response (RFC 9110 section 6.6.1)."""
    url = endpoint(env, "http/protobuf")
    if not url.startswith(("http://", "https://")):
        return []
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - checked above
            date = answer.headers.get("Date")
    except urllib.error.HTTPError as error:
        date = error.headers.get("Date")
    except (OSError, ValueError):
        return []
    if not date:
        return []
    try:
        skew = time.time() - parsedate_to_datetime(date).timestamp()
    except (ValueError, TypeError):
        return []
    if abs(skew) < _MAX_SKEW:
        return [Finding("ok", "clock", "agrees with the receiver's")]
    text = f"this machine's is {abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} the receiver's"
    return [Finding("fault", "clock", text, "synchronise both with NTP: late points are rejected")]
