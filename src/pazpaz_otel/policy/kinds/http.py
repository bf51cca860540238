"""HTTP requests: method, version, route, and the URL or host that was called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pazpaz_otel.policy.kind_type import KindType, Prover, exact

HTTP_METHODS: Final = (
    "CONNECT",
    "DELETE",
    "GET",
    "HEAD",
    "OPTIONS",
    "PATCH",
    "POST",
    "PUT",
    "QUERY",
    "TRACE",
    "_OTHER",
)
"""RFC 9110 §9, RFC 5789, the QUERY method, and the semantic conventions' placeholder for other methods."""

# The templates of all routers: `{id}`, `{id:path}`, `<int:id>`, `(?P<id>[^/.]+)`, and Django's without a leading slash.
_IN_ROUTE: Final = r"[A-Za-z0-9_{}:.~<>()^$\[\]\\|,=*+-]|\?[:P<)$/]"
_ROUTE: Final = rf"^(?:{_IN_ROUTE}){{0,255}}/(?:{_IN_ROUTE}|/){{0,255}}$"
_ROUTE_KEYS: Final = ("http.route", "url.template")
_SCHEMES: Final = frozenset({"http", "https", "ws", "wss"})


def _url_path(value: str, beside: Mapping[str, Any], prover: Prover) -> str | None:
    # The path itself may name a patient, so the matched route template leaves in its place.
    for key in _ROUTE_KEYS:
        route = exact(beside.get(key))
        if route is not None and prover.route(route):
            return route
    return value if "{" in value and prover.route(value) else None


def _url_origin(value: str, _: Mapping[str, Any], prover: Prover) -> str | None:
    scheme, separator, rest = value.partition("://")
    if not separator or scheme.lower() not in _SCHEMES:
        return None
    authority = rest.split("/", 1)[0].split("?", 1)[0].split("#", 1)[0].rpartition("@")[2]
    return f"{scheme.lower()}://{authority.lower()}" if prover.host(authority) else None


KINDS = (
    KindType(
        name="method",
        belongs="an HTTP method, or `_OTHER`",
        handling="leaves if it is a standard HTTP method, or `_OTHER`",
        shape="^(?:" + "|".join(HTTP_METHODS) + ")$",
        accepts=("GET", "QUERY", "_OTHER"),
        refuses=("get", "DVORA", "GET\n"),
    ),
    KindType(
        name="protocol_version",
        belongs="an HTTP version: `1.1`, `2`",
        handling="leaves if it is an HTTP version",
        shape=r"^(?:[0-3](?:\.[0-2])?)$",
        accepts=("1.1", "2", "3"),
        refuses=("4", "1.10", "dvora"),
    ),
    KindType(
        name="route",
        belongs="a route template that the application registered",
        handling="leaves if the application registered this route; anything else is dropped",
        shape=_ROUTE,
        prove=lambda value, _, prover: value if prover.route(value) else None,
        browser=True,
        accepts=("/clients/{client_id}", "/clients/<int:pk>", "clients/<int:pk>/", r"^clients/(?P<pk>[^/.]+)/?$"),
        refuses=("/clients/dvora levinson", "/clients?name=dvora", "dvora"),
    ),
    KindType(
        name="url_path",
        belongs="any path; the route template that the router matched replaces it",
        handling="leaves as the matched route template; dropped if there is none",
        shape=_ROUTE,
        prove=_url_path,
        browser=True,
        remembered=False,
        refuses=("/clients?name=dvora", "dvora"),
    ),
    KindType(
        name="url_origin",
        belongs="a URL with a known host, reduced to scheme, host and port",
        handling="leaves as scheme, host and port if the host is known, without path, query and credentials",
        shape=r"^(?:https?|wss?)://[A-Za-z0-9.-]{1,253}(?::[0-9]{1,5})?$",
        prove=_url_origin,
        untrusted=r"^(?:https?|wss?)://(?:{hosts})(?::[0-9]{1,5})?$",
        browser=True,
        refuses=("file:///srv/dvora", "mailto:dvora@example.com"),
    ),
    KindType(
        name="host",
        belongs="loopback, one of the policy's `hosts`, or the host of a URL in the process's configuration",
        handling="leaves if it is loopback, in the policy's `hosts`, or in a URL of the process's configuration",
        shape=r"^[A-Za-z0-9.:_-]{1,253}$",
        prove=lambda value, _, prover: value.lower() if prover.host(value) else None,
        untrusted="^(?:{hosts})$",
        browser=True,
        refuses=("dvora levinson", "a@b.example"),
    ),
)
