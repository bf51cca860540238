"""The typed allow-list of attributes: keys that the policy names, with values that belong to their kinds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.policy import KIND_TYPES, accept
from pazpaz_otel.policy.kind_type import exact
from pazpaz_otel.redact import drops
from pazpaz_otel.redact.fifo_cache import FifoCache
from pazpaz_otel.redact.messages import NO_MESSAGES, Messages
from pazpaz_otel.redact.prover import ProcessProver
from pazpaz_otel.redact.text import Refused

if TYPE_CHECKING:
    from pazpaz_otel.policy import AttributeRule, Policy
    from pazpaz_otel.policy.model import Place
    from pazpaz_otel.redact.evidence import Evidence

Value = str | bool | int | float | tuple[str, ...] | tuple[bool, ...] | tuple[int, ...] | tuple[float, ...]
Scalar = str | bool | int | float
Attributes = Mapping[str, Any]

_PLACES: Final[tuple[Place, ...]] = ("resource", "metric", "signal")
MAX_SEQUENCE_LENGTH: Final = 64
_CACHE_SIZE: Final = 1024
"""How many values are cached per key."""
_EMPTY: Final[FifoCache[Any, Value]] = FifoCache(0)
"""Stands for a cache without entries, and never has any."""


class _Key:
    """The policy's rule for one key, and the values accepted under it."""

    __slots__ = ("closed", "integers", "prove", "rule", "texts")

    def __init__(self, rule: AttributeRule) -> None:
        kind_type = KIND_TYPES[rule.kind.name]
        self.rule = rule
        self.prove = kind_type.prove
        """Judges a text; None if the grammar of its kind is enough."""
        self.closed = kind_type.remembered
        # Two caches, because `True == 1 == 1.0`: a cached value is only compared with values of its own class.
        # Most keys never have one.
        self.texts: FifoCache[str, Value] = _EMPTY
        self.integers: FifoCache[int, Value] = _EMPTY

    def remember(self, value: Any, judged: Value) -> None:
        """Cache what a text or an integer leaves as."""
        if type(value) is str:
            if self.texts is _EMPTY:
                self.texts = FifoCache(_CACHE_SIZE)
            self.texts.keep(value, judged)
        elif type(value) is int:
            if self.integers is _EMPTY:
                self.integers = FifoCache(_CACHE_SIZE)
            self.integers.keep(value, judged)


class AttributeGuard:
    """Judge attributes by a policy and by what the process can prove."""

    def __init__(self, policy: Policy, evidence: Evidence, messages: Messages = NO_MESSAGES) -> None:
        self._prover = ProcessProver(evidence, messages)
        self._forgetful = ProcessProver(evidence, messages, remembers=False)
        keys = {key: _Key(rule) for key, rule in policy.attributes.items()}
        self._keys = keys
        resource, data_point, self._elsewhere = (
            {key: named for key, named in keys.items() if named.rule.fits(place)} for place in _PLACES
        )
        self.written = frozenset(key for key, rule in policy.attributes.items() if KIND_TYPES[rule.kind.name].written)
        """Keys whose values may be proven by the statement that writes them."""
        self.texts = frozenset(key for key, rule in policy.attributes.items() if rule.kind.name == "text")
        """Those of them whose values may be composed."""
        self._at = {"resource": resource, "metric_attribute": data_point}

    def clean(self, attributes: Attributes | None, surface: str) -> tuple[dict[str, Value], int]:
        """Return the attributes that may leave, and the number of those that may not.

        Args:
            attributes: the attributes of a span, event, link, log record, data point, scope or resource.
            surface: the surface under which drops are counted.
        """
        kept: dict[str, Value] = {}
        if not attributes:
            return kept, 0
        keys = self._at.get(surface, self._elsewhere)
        unlisted = refused = 0
        if type(attributes) is not dict:
            # A mapping of another class may have other items the next time.
            attributes = dict(attributes.items())
        for key, value in attributes.items():
            # Not `isinstance` or `__class__`: an object may claim any class.
            named = keys.get(key) if type(key) is str else None
            if named is None:
                unlisted += 1
                continue
            cls = type(value)
            judged = named.texts.get(value) if cls is str else named.integers.get(value) if cls is int else None
            if judged is None:
                judged = self._judge(named, value, attributes)
                if judged is None:
                    refused += 1
                    continue
            kept[key] = judged
        if unlisted or refused:
            if drops.watched():
                self._tell(attributes, kept, keys, surface)
            drops.drop(surface, "unlisted_key", unlisted, told=True)
            drops.drop(surface, "refused_value", refused, told=True)
        return kept, unlisted + refused

    @staticmethod
    def _tell(attributes: Attributes, kept: Mapping[str, Value], keys: Mapping[str, _Key], surface: str) -> None:
        for key, value in attributes.items():
            if type(key) is str and key not in kept:
                named = keys.get(key)
                if named is not None and named.rule.kind.name == "host" and type(value) is str:
                    drops.tell(surface, "unknown_host", value, None, {"attribute": key})
                else:
                    reason = "unlisted_key" if named is None else "refused_value"
                    drops.tell(surface, reason, key, type(value).__name__)

    def value(self, key: str, value: Any, attributes: Attributes | None = None) -> Value | None:
        """Return the value in the form in which it may leave under its key, or `None`."""
        named = self._keys.get(key) if type(key) is str else None
        return None if named is None else self._admit(named, value, attributes or {key: value})

    def _judge(self, named: _Key, value: Any, attributes: Attributes) -> Value | None:
        try:
            if named.prove is not None and type(value) is str:
                judged: Value | None = named.prove(value, attributes, self._prover)
            else:
                judged = self._admit(named, value, attributes)
        except BaseException as error:  # noqa: BLE001 - a value that can't be judged isn't proven
            drops.fail("span_attribute", error)
            return None
        if judged is not None and named.closed:
            named.remember(value, judged)
        return judged

    def _admit(self, named: _Key, value: Any, attributes: Attributes) -> Value | None:
        cls = type(value)
        if issubclass(cls, (str, int, float)):
            return self._admit_scalar(named, value, attributes)
        if not issubclass(cls, Sequence) or issubclass(cls, (bytes, bytearray, memoryview)):
            return None
        given = islice(value, MAX_SEQUENCE_LENGTH + 1)
        members = [self._admit_scalar(named, member, attributes) for member in given]
        if len(members) > MAX_SEQUENCE_LENGTH or len({type(member) for member in members} - {type(None)}) != 1:
            return None
        return None if None in members else tuple(members)  # type: ignore[return-value]

    def _admit_scalar(self, named: _Key, value: Any, attributes: Attributes) -> Scalar | None:
        if named.prove is None:
            return accept(named.rule.kind, value)
        # A subclass of str may show one text to the judge and another to the exporter; judge and return the plain text.
        plain = exact(value)
        prover = self._forgetful if type(value) is Refused else self._prover
        return None if plain is None else named.prove(plain, attributes, prover)
