"""The typed allow-list over attributes: a key that the policy names, a value that its kind admits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.policy import accept
from pazpaz_otel.policy.kinds import make_kind
from pazpaz_otel.redact import drops, exceptions, redis_commands, text
from pazpaz_otel.redact.fifo_cache import FifoCache
from pazpaz_otel.redact.sql import sanitiser

if TYPE_CHECKING:
    from collections.abc import Callable

    from pazpaz_otel.policy import AttributeRule, Policy
    from pazpaz_otel.redact.evidence import Evidence

Value = str | bool | int | float | tuple[str, ...] | tuple[bool, ...] | tuple[int, ...] | tuple[float, ...]
Scalar = str | bool | int | float
Attributes = Mapping[str, Any]

_UUID: Final = make_kind("uuid")
_LONGEST_SEQUENCE: Final = 64
_CACHE: Final = 1024
"""Remembered values of one key."""
# Kinds whose values are many by nature: validated every time, never remembered.
_OPEN: Final = frozenset(
    {"uuid", "trace_id", "span_id", "event_id", "number", "duration", "text", "stacktrace", "sql", "url_path", "redis"}
)
_DIALECT_KEYS: Final = ("db.system.name", "db.system")
_ROUTE_KEYS: Final = ("http.route", "url.template")


class _Key:
    """What the policy says of one key, and the values that were admitted under it."""

    __slots__ = ("closed", "integers", "judge", "rule", "texts")

    def __init__(self, rule: AttributeRule, judge: Callable[[Any, Attributes], Scalar | None] | None) -> None:
        self.rule = rule
        self.judge = judge
        """For a text; `None` where the grammar of its kind is enough."""
        self.closed = rule.kind.name not in _OPEN
        # Two, because `True == 1 == 1.0`: a remembered value is looked up among those of its own class only.
        self.texts: FifoCache[str, Value] = FifoCache(_CACHE)
        self.integers: FifoCache[int, Value] = FifoCache(_CACHE)


class AttributeGuard:
    """Judges attributes by a policy and what the process can prove.

    Args:
        policy: what may leave.
        evidence: what the process knows.
    """

    def __init__(self, policy: Policy, evidence: Evidence) -> None:
        self._rules = policy.attributes
        self._evidence = evidence
        self._judges: dict[str, Callable[[Any, Attributes], Scalar | None]] = {
            "route": self._route,
            "url_path": self._url_path,
            "url_origin": self._url_origin,
            "host": self._host,
            "sql": self._sql,
            "sql_operation": self._sql_operation,
            "db_name": self._db_name,
            "db_identifier": self._db_identifier,
            "db_user": lambda value, _: value if self._evidence.database_user(value) else None,
            "redis": _redis,
            # The logging handlers write an exception's type without its module.
            "class": lambda value, _: value if _is_class(value) else None,
            "error_type": _error_type,
            "module": lambda value, _: value if exceptions.module_proven(value) else None,
            "function": _function,
            "file": lambda value, _: exceptions.relative_path(value),
            "version": lambda value, _: value if self._evidence.version(value) else None,
            "config": lambda value, _: value if self._evidence.configured(value) else None,
            "instance": self._instance,
            "text": _text,
            "stacktrace": lambda value, _: exceptions.guard_stacktrace(value),
        }
        self._keys = {
            key: _Key(rule, self._judges[rule.kind.name] if rule.kind.proof == "runtime" else None)
            for key, rule in policy.attributes.items()
        }

    def clean(self, attributes: Attributes | None, surface: str) -> tuple[dict[str, Value], int]:
        """The attributes that may leave, and how many may not.

        Args:
            attributes: of a span, event, link, log record, data point, scope or resource.
            surface: under which the drops are counted.
        """
        kept: dict[str, Value] = {}
        if not attributes:
            return kept, 0
        keys = self._keys
        unlisted = refused = 0
        for key, value in attributes.items():
            named = keys.get(key) if key.__class__ is str else None
            if named is None:
                unlisted += 1
                continue
            cls = value.__class__
            judged = named.texts.get(value) if cls is str else named.integers.get(value) if cls is int else None
            if judged is None:
                judged = self._judge(named, value, attributes)
                if judged is None:
                    refused += 1
                    continue
            kept[key] = judged
        if unlisted:
            drops.drop(surface, "unlisted_key", unlisted)
        if refused:
            drops.drop(surface, "refused_value", refused)
        return kept, unlisted + refused

    def value(self, key: str, value: Any, attributes: Attributes | None = None) -> Value | None:
        """One value as its key admits it, or `None`."""
        rule = self._rules.get(key) if isinstance(key, str) else None
        return None if rule is None else self._admit(rule, value, attributes or {key: value})

    def _judge(self, named: _Key, value: Any, attributes: Attributes) -> Value | None:
        try:
            if named.judge is not None and value.__class__ is str:
                judged: Value | None = named.judge(value, attributes)
            else:
                judged = self._admit(named.rule, value, attributes)
        except Exception as error:  # noqa: BLE001 - a value that can't be judged is one that isn't proven
            drops.fail("span_attribute", error)
            return None
        if judged is not None and named.closed:
            if value.__class__ is str:
                named.texts.keep(value, judged)
            elif value.__class__ is int:
                named.integers.keep(value, judged)
        return judged

    def _admit(self, rule: AttributeRule, value: Any, attributes: Attributes) -> Value | None:
        if isinstance(value, (str, bool, int, float)):
            return self._admit_scalar(rule, value, attributes)
        if not isinstance(value, Sequence) or isinstance(value, (bytes, bytearray, memoryview)):
            return None
        if not 0 < len(value) <= _LONGEST_SEQUENCE:
            return None
        members = [
            self._admit_scalar(rule, member, attributes) if isinstance(member, (str, bool, int, float)) else None
            for member in value
        ]
        if any(member is None for member in members) or len({type(member) for member in members}) != 1:
            return None
        return tuple(members)  # type: ignore[return-value]

    def _admit_scalar(self, rule: AttributeRule, value: Scalar, attributes: Attributes) -> Scalar | None:
        if rule.kind.proof == "grammar":
            return accept(rule.kind, value)
        if not isinstance(value, str):
            return value if rule.kind.name == "error_type" and _is_status(value) else None
        # A subclass of str may show one text to the judge and another to the exporter.
        return self._judges[rule.kind.name](str(value), attributes)

    def _route(self, value: str, _: Attributes) -> str | None:
        return value if self._evidence.route(value) else None

    def _url_path(self, value: str, attributes: Attributes) -> str | None:
        # The path itself may name a patient: what leaves is the template that the router matched.
        for key in _ROUTE_KEYS:
            route = attributes.get(key)
            if isinstance(route, str) and self._evidence.route(route):
                return route
        return value if "{" in value and self._evidence.route(value) else None

    def _url_origin(self, value: str, _: Attributes) -> str | None:
        scheme, separator, rest = value.partition("://")
        if not separator or scheme.lower() not in {"http", "https", "ws", "wss"}:
            return None
        authority = rest.split("/", 1)[0].split("?", 1)[0].split("#", 1)[0].rpartition("@")[2]
        return f"{scheme.lower()}://{authority.lower()}" if self._evidence.host(authority) else None

    def _host(self, value: str, _: Attributes) -> str | None:
        return value.lower() if self._evidence.host(value) else None

    def _sql(self, value: str, attributes: Attributes) -> str | None:
        dialect = next((attributes[key] for key in _DIALECT_KEYS if isinstance(attributes.get(key), str)), "")
        if dialect == "redis":
            return _redis(value, attributes)
        return sanitiser.sanitise(value, dialect, self._evidence.identifier, constant=text.is_proven(value))

    @staticmethod
    def _sql_operation(value: str, _attributes: Attributes) -> str | None:
        # The SQLAlchemy instrumentation puts the database's name behind the operation; the conventions don't.
        operation, _, _ = value.partition(" ")
        if sanitiser.operation(operation) == operation:
            return operation
        return operation if redis_commands.is_name(value) else None

    def _db_name(self, value: str, _: Attributes) -> str | None:
        return self._evidence.database(value)

    def _db_identifier(self, value: str, _: Attributes) -> str | None:
        return value if all(map(self._evidence.identifier, value.split("."))) else None

    def _instance(self, value: str, _: Attributes) -> str | None:
        return accept_uuid(value) or (value if self._evidence.configured(value) else None)


def accept_uuid(value: str) -> str | None:
    """The UUID in lower case, if it is one of version 4 or 7."""
    judged = accept(_UUID, value)
    return judged if isinstance(judged, str) else None


def _is_status(value: object) -> bool:
    return type(value) is int and 100 <= value <= 599  # noqa: PLR2004


def _error_type(value: str, _: Attributes) -> str | None:
    if value == "_OTHER" or (value.isascii() and value.isdigit() and _is_status(int(value[:4]))):
        return value
    return value if _is_class(value) else None


def _is_class(value: str) -> bool:
    # The logging handlers give an exception's type without its module.
    return exceptions.class_name_proven(value) or exceptions.simple_name_proven(value)


def _function(value: str, attributes: Attributes) -> str | None:
    namespace = attributes.get("code.namespace")
    if isinstance(namespace, str):
        return value if exceptions.function_proven(namespace, value) else None
    if exceptions.function_name_proven(value, attributes.get("code.file.path")):
        return value
    module, _, name = value.rpartition(".")
    return value if module and exceptions.function_proven(module, name) else None


def _text(value: str, _: Attributes) -> str | None:
    return value if text.is_proven(value) else text.match_message(value)


def _redis(value: str, _: Attributes) -> str | None:
    return redis_commands.sanitise(value)
