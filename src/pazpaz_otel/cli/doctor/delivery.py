"""Check that telemetry arrives, and at which receiver of the Collector."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urlsplit

from pazpaz_otel.cli.doctor.synthetic import deliver, read_back
from pazpaz_otel.diagnosis import Finding, packages
from pazpaz_otel.diagnosis.exporting import default_endpoint, named_endpoint
from pazpaz_otel.parsing import is_off, names
from pazpaz_otel.settings import Settings, apply_defaults, inherited, mask

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
    ("CERTIFICATE_VERIFY", "the certificate isn't trusted; set OTEL_EXPORTER_OTLP_CERTIFICATE to the authority's"),
    ("SSL", "the TLS handshake failed; if the port speaks plain HTTP, write http://"),
    ("400", "the receiver doesn't understand the request; if the port speaks TLS, write https://"),
    ("ProtocolError", "the receiver closed the connection; if the port speaks TLS, write https://"),
    ("ConnectionError", "the receiver closed the connection; if the port speaks TLS, write https://"),
)
_DSN: Final = re.compile(r"(?P<scheme>https?://)(?P<key>[^@/\s]+)@(?P<host>[^/\s]+)(?P<path>/.*)?/(?P<project>\d+)/?")
_MAX_SKEW: Final = 30.0
"""The clock difference in seconds above which traces and metrics no longer line up."""


def check(tempo: str | None) -> list[Finding]:
    """Send one item of each enabled signal, and report whether it arrived."""
    env = inherited()
    apply_defaults(env, metrics=not is_off(env, "ENABLE_METRICS"))
    if env.get("OTEL_SDK_DISABLED", "").strip().lower() == "true" or env.get("OTEL_CONFIG_FILE"):
        return []
    protocols = {signal: protocol for signal in _SIGNALS if (protocol := _protocol(env, signal)) is not None}
    said, trace_id = deliver(protocols)
    findings = [_delivery_finding(signal, outcome, env, protocols[signal]) for signal, outcome in said.items()]
    if any(finding.state == "ok" for finding in findings):
        findings += _receiver_findings(env, env["OTEL_EXPORTER_OTLP_PROTOCOL"])
    findings += _clock_findings(env) if "http/protobuf" in protocols.values() else []
    findings += [finding for signal in _SIGNALS for finding in _elsewhere(env, signal)]
    if tempo and said.get("traces") == "delivered":
        arrived = read_back(tempo, trace_id)
        text = f"has the trace {trace_id}" if arrived else f"doesn't have the trace {trace_id}"
        hint = "" if arrived else "does the Collector send traces there? Check the alert CollectorExportFailing"
        findings.append(Finding("ok" if arrived else "fault", "Tempo", text, hint))
    return findings


def endpoint(env: Mapping[str, str], protocol: str, signal: str | None = None) -> str:
    """Return the OTLP endpoint of a signal, from the environment or by default."""
    return named_endpoint(env, signal) or default_endpoint(protocol)


def _protocol(env: Mapping[str, str], signal: str) -> str | None:
    """Return the protocol by which a signal leaves by OTLP, or None if it doesn't, or if another check reports why."""
    for chosen in names(env.get(f"OTEL_{signal.upper()}_EXPORTER", "")):
        own = env.get(f"OTEL_EXPORTER_OTLP_{signal.upper()}_PROTOCOL") or env["OTEL_EXPORTER_OTLP_PROTOCOL"]
        protocol = {"otlp": own, "otlp_proto_grpc": "grpc", "otlp_proto_http": "http/protobuf"}.get(chosen, "").strip()
        known = protocol in {"grpc", "http/protobuf"}
        if known and not any(packages.missing({"OTEL_EXPORTER_OTLP_PROTOCOL": protocol})):
            return protocol
    return None


def _elsewhere(env: Mapping[str, str], signal: str) -> Iterator[Finding]:
    """Yield what is known about a signal's exporters that don't send OTLP."""
    for chosen in names(env.get(f"OTEL_{signal.upper()}_EXPORTER", "")):
        if chosen.endswith("prometheus") and signal == "metrics":
            yield _endpoint_finding()
        elif chosen.endswith("console"):
            yield Finding("ok", f"export of {signal}", "printed by the process itself")
        elif not chosen.startswith("otlp") and chosen != "none":
            yield Finding("note", f"export of {signal}", f"whether the exporter {chosen} delivers isn't checked")


def _endpoint_finding() -> Finding:
    settings = Settings.from_env()
    where = f"{settings.prometheus_host}:{settings.prometheus_port}"
    try:
        with socket.create_server((settings.prometheus_host, settings.prometheus_port)):
            return Finding("ok", "export of metrics", f"the process will serve them on {where}")
    except OSError as error:
        if _serves_ours(f"http://{where}/metrics"):
            return Finding("ok", "export of metrics", f"a process serves them on {where} now")
        text = f"they can't be served on {where}: {os.strerror(error.errno or 0)}"
        hint = "set OTEL_EXPORTER_PROMETHEUS_PORT to a free port, and OTEL_EXPORTER_PROMETHEUS_HOST to this host's"
        return Finding("fault", "export of metrics", text, hint)


def _serves_ours(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - an HTTP URL
            return b"pazpaz_otel" in answer.read()
    except (OSError, ValueError, http.client.HTTPException):
        return False


def sentry() -> list[Finding]:
    """Send Sentry an envelope without any item, and report whether the project would accept events."""
    dsn = _DSN.fullmatch(inherited().get("SENTRY_DSN", "").strip())
    if dsn is None:
        # Without one there is nothing to reach; another check reports one that has no form of a DSN.
        return []
    auth = f"Sentry sentry_version=7, sentry_client=pazpaz-otel-doctor, sentry_key={dsn['key'].partition(':')[0]}"
    headers = {"X-Sentry-Auth": auth, "Content-Type": "application/x-sentry-envelope"}
    url = f"{dsn['scheme']}{dsn['host']}{dsn['path'] or ''}/api/{dsn['project']}/envelope/"
    request = urllib.request.Request(url, b"{}\n", headers)  # noqa: S310 - the pattern has only HTTP's schemes
    reached = f"{dsn['scheme']}{dsn['host']}"
    try:
        with urllib.request.urlopen(request, timeout=5):  # noqa: S310
            pass
    except urllib.error.HTTPError as error:
        if error.code in {401, 403, 404} or error.code >= 500:  # noqa: PLR2004 - a server's own failures
            hint = "copy it from the project's settings, Client Keys (DSN)" if error.code < 500 else ""  # noqa: PLR2004
            return [Finding("fault", "SENTRY_DSN", f"{reached} answers {error.code}: errors go nowhere", hint)]
    except (OSError, ValueError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
        text = f"{reached} can't be reached: {getattr(reason, 'strerror', None) or type(reason).__name__}"
        hint = "errors go nowhere until it is up and this network reaches it, or SENTRY_DSN is mended"
        return [Finding("fault", "SENTRY_DSN", text, hint)]
    return [Finding("ok", "SENTRY_DSN", f"{reached} answers; --send-test-error shows that an error arrives")]


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
