"""One process's guard: a policy, the evidence, and a judge for every surface."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Final

from pazpaz_otel.redact import sealed
from pazpaz_otel.redact.attributes import AttributeGuard
from pazpaz_otel.redact.evidence import Evidence
from pazpaz_otel.redact.fifo_cache import FifoCache
from pazpaz_otel.redact.messages import Messages
from pazpaz_otel.redact.names import NameGuard

if TYPE_CHECKING:
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.util.instrumentation import InstrumentationScope

    from pazpaz_otel.policy import Policy

DIGEST: Final = "pazpaz_otel.policy.digest"
"""The resource attribute that shows which policy a sender follows."""
_UNKNOWN: Final = "unknown_service"
_RESOURCES: Final = 64
"""How many are remembered; a process has a handful."""
_SCOPES: Final = 2048


class ResourceGuard:
    """Judges resources; a resource is judged once, however many spans carry it."""

    def __init__(self, attributes: AttributeGuard, names: NameGuard, digest: str) -> None:
        self._attributes = attributes
        self._names = names
        self._digest = digest
        self._known: FifoCache[int, tuple[weakref.ref[Resource], Resource]] = FifoCache(_RESOURCES)

    def clean(self, resource: Resource) -> Resource:
        """Return the resource as it may leave, with the policy's digest."""
        known = self._known.get(id(resource))
        if known is not None and known[0]() is resource:
            return known[1]
        attributes, _ = self._attributes.clean(resource.attributes, "resource")
        attributes.setdefault("service.name", _UNKNOWN)
        attributes[DIGEST] = self._digest
        clean = sealed.resource(attributes, self._names.schema_url(resource.schema_url))
        self._known.keep(id(resource), (weakref.ref(resource), clean))
        return clean


class Guard:
    """What every enforcer of this process asks.

    Args:
        policy: what may leave.
        evidence: what the process knows; by default, what the policy alone says.
    """

    def __init__(self, policy: Policy, evidence: Evidence | None = None) -> None:
        self.policy = policy
        self.closed = False
        """Nothing may leave at all: the policy that was asked for can't be used."""
        self.evidence = evidence or Evidence(hosts=policy.hosts, identifiers=policy.sql_identifiers)
        self.messages = Messages(policy.messages)
        self.attributes = AttributeGuard(policy, self.evidence, self.messages)
        self.names = NameGuard(self.evidence, self.messages)
        self.resources = ResourceGuard(self.attributes, self.names, policy.digest)
        self._scopes: FifoCache[int, tuple[InstrumentationScope, InstrumentationScope]] = FifoCache(_SCOPES)

    def scope(self, scope: InstrumentationScope | None) -> InstrumentationScope | None:
        """Return an instrumentation scope as it may leave."""
        if scope is None:
            return None
        known = self._scopes.get(id(scope))
        if known is not None and known[0] is scope:
            return known[1]
        attributes, _ = self.attributes.clean(scope.attributes, "scope")
        clean = sealed.scope(
            self.names.scope(scope.name),
            self.names.version(scope.version),
            self.names.schema_url(scope.schema_url) or None,
            attributes,
        )
        # A scope that wasn't proven may be a module that is still loading: it is judged again.
        if clean.name:
            self._scopes.keep(id(scope), (scope, clean))
        return clean
