"""Resources: what the process says of itself."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Final

from pazpaz_otel.redact import sealed
from pazpaz_otel.redact.fifo_cache import FifoCache

if TYPE_CHECKING:
    from opentelemetry.sdk.resources import Resource

    from pazpaz_otel.redact.attributes import AttributeGuard
    from pazpaz_otel.redact.names import NameGuard

DIGEST: Final = "pazpaz_otel.policy.digest"
"""The resource attribute that shows which policy a sender follows."""
_UNKNOWN: Final = "unknown_service"
_RESOURCES: Final = 64
"""How many are remembered; a process has a handful."""


class ResourceGuard:
    """Judges resources; a resource is judged once, however many spans carry it."""

    def __init__(self, attributes: AttributeGuard, names: NameGuard, digest: str) -> None:
        self._attributes = attributes
        self._names = names
        self._digest = digest
        self._known: FifoCache[int, tuple[weakref.ref[Resource], Resource]] = FifoCache(_RESOURCES)

    def clean(self, resource: Resource) -> Resource:
        """The resource as it may leave, with the policy's digest."""
        known = self._known.get(id(resource))
        if known is not None and known[0]() is resource:
            return known[1]
        attributes, _ = self._attributes.clean(resource.attributes, "resource")
        attributes.setdefault("service.name", _UNKNOWN)
        attributes[DIGEST] = self._digest
        clean = sealed.resource(attributes, self._names.schema_url(resource.schema_url))
        self._known.keep(id(resource), (weakref.ref(resource), clean))
        return clean
