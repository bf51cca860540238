"""One process's guard: a policy, the evidence, and a judge for every surface."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pazpaz_otel.redact import sealed
from pazpaz_otel.redact.attributes import AttributeGuard
from pazpaz_otel.redact.evidence import Evidence
from pazpaz_otel.redact.fifo_cache import FifoCache
from pazpaz_otel.redact.messages import Messages
from pazpaz_otel.redact.names import NameGuard
from pazpaz_otel.redact.resource import ResourceGuard

if TYPE_CHECKING:
    from opentelemetry.sdk.util.instrumentation import InstrumentationScope

    from pazpaz_otel.policy import Policy

_SCOPES = 2048


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
        """An instrumentation scope as it may leave."""
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
