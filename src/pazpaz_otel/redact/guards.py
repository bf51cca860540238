"""The guard of one process: a policy, the evidence, and a judge for every surface."""

from __future__ import annotations

import weakref
from time import monotonic
from typing import TYPE_CHECKING, Final

from pazpaz_otel.redact import sealed
from pazpaz_otel.redact.attributes import AttributeGuard
from pazpaz_otel.redact.evidence import UNNAMED_SERVICE, Evidence
from pazpaz_otel.redact.fifo_cache import FifoCache
from pazpaz_otel.redact.messages import Messages
from pazpaz_otel.redact.names import NameGuard

if TYPE_CHECKING:
    from collections.abc import Iterable

    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.util.instrumentation import InstrumentationScope

    from pazpaz_otel.policy import Policy

DIGEST: Final = "pazpaz_otel.policy.digest"
"""The resource attribute with the digest of the sender's policy."""
_MAX_RESOURCES: Final = 64
"""How many are cached; a process has a handful."""
_MAX_SCOPES: Final = 2048
_UNPROVEN_LIFETIME: Final = 1.0
"""For how many seconds a scope without a proven name is cached: it may be a module that is still loading."""
_MAX_KEY_LENGTH: Final = 128


class Guard:
    """The guard that every enforcer in this process uses.

    Args:
        policy: decides what may leave.
        evidence: what the process knows; by default, only what the policy says.
    """

    def __init__(self, policy: Policy, evidence: Evidence | None = None) -> None:
        self.policy = policy
        self.closed = False
        """Whether nothing may leave, because the requested policy can't be used."""
        self.evidence = evidence or Evidence(hosts=policy.hosts, identifiers=policy.sql_identifiers)
        self.messages = Messages(policy.messages)
        self.attributes = AttributeGuard(policy, self.evidence, self.messages)
        self.names = NameGuard(self.evidence, self.messages)
        self._resources: FifoCache[int, tuple[weakref.ref[Resource], Resource]] = FifoCache(_MAX_RESOURCES)
        self._scopes: FifoCache[int, tuple[InstrumentationScope, InstrumentationScope, float]] = FifoCache(_MAX_SCOPES)

    def resource(self, resource: Resource) -> Resource:
        """Return the resource in the form in which it may leave, with the policy's digest."""
        known = self._resources.get(id(resource))
        if known is not None and known[0]() is resource:
            return known[1]
        attributes, _ = self.attributes.clean(resource.attributes, "resource")
        attributes.setdefault("service.name", UNNAMED_SERVICE)
        attributes[DIGEST] = self.policy.digest
        clean = sealed.resource(attributes, self.names.schema_url(resource.schema_url))
        self._resources.keep(id(resource), (weakref.ref(resource), clean))
        return clean

    def scope(self, scope: InstrumentationScope | None) -> InstrumentationScope | None:
        """Return an instrumentation scope in the form in which it may leave."""
        if scope is None:
            return None
        known = self._scopes.get(id(scope))
        if known is not None and known[0] is scope and (known[1].name or monotonic() <= known[2]):
            return known[1]
        attributes, _ = self.attributes.clean(scope.attributes, "scope")
        clean = sealed.scope(
            self.names.scope(scope.name),
            self.names.version(scope.version),
            self.names.schema_url(scope.schema_url) or None,
            attributes,
        )
        self._scopes.keep(id(scope), (scope, clean, monotonic() + _UNPROVEN_LIFETIME))
        return clean


def describe_unsent(attributes: Iterable[tuple[str, str]], guard: Guard) -> str | None:
    """Return one line about the configured resource attributes that don't leave, or None if all do.

    The line contains the keys, which the operator chose, but not the values, which may be anything.

    Args:
        attributes: the attributes in `OTEL_RESOURCE_ATTRIBUTES` and `OTEL_SERVICE_NAME`.
        guard: the guard that judges them.
    """
    unnamed, refused = [], []
    for key, value in attributes:
        rule = guard.policy.attributes.get(key)
        if rule is None or not rule.fits("resource"):
            unnamed.append(key)
        elif guard.attributes.value(key, value) is None:
            refused.append(f"{key} (a value of kind `{rule.kind.name}`)")
    parts = []
    if unnamed:
        lines = ", ".join(f"{key}: config" for key in unnamed if len(key) <= _MAX_KEY_LENGTH)
        parts.append(f"the policy doesn't name {', '.join(key[:_MAX_KEY_LENGTH] for key in unnamed)}")
        parts.append(f"to let that out: attributes: {{{lines}}}")
    if refused:
        parts.append(f"not what the policy admits: {', '.join(refused)}")
    return f"resource attributes that stay here: {'; '.join(parts)}" if parts else None
