"""Names of spans, events and scopes: proven as a whole, or word by word."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.policy import accept
from pazpaz_otel.policy.kinds import make_kind
from pazpaz_otel.policy.kinds.http import HTTP_METHODS
from pazpaz_otel.redact import drops, redis_commands, text
from pazpaz_otel.redact.fifo_cache import FifoCache
from pazpaz_otel.redact.logger_names import logger_name
from pazpaz_otel.redact.messages import NO_MESSAGES, Messages
from pazpaz_otel.redact.sql import sanitiser
from pazpaz_otel.redact.sql.summary import summary

if TYPE_CHECKING:
    from collections.abc import Mapping

    from opentelemetry.sdk.util.instrumentation import InstrumentationScope

    from pazpaz_otel.redact.evidence import Evidence

_CACHE_SIZE: Final = 4096
_MAX_LENGTH: Final = 1024
_INSTRUMENTATIONS: Final = "opentelemetry.instrumentation."
_METHODS: Final = frozenset(HTTP_METHODS)
_ANY_METHOD: Final = "HTTP"
"""What the conventions name a span by whose method isn't known."""
# Words that the instrumentations add to what they name.
_WORDS: Final = frozenset({"HTTP", "connect", "http", "send", "receive", "websocket", "exception"})
_MODEL: Final = make_kind("model")
# From the generative AI conventions: "{operation} {model}".
_AI_OPERATIONS: Final = frozenset({"chat", "generate_content", "text_completion", "embeddings", "retrieval"})
# Of this package and of Celery.
_JOB_VERBS: Final = ("process ", "enqueue ", "run/", "apply_async/")
_WITH: Final = "WITH"
"""The first word of a statement with common table expressions; its operation comes after them."""
_BACKGROUND: Final = "BackgroundTask "
_SCHEMA: Final = re.compile(r"https://opentelemetry\.io/schemas/[0-9]{1,2}\.[0-9]{1,3}\.[0-9]{1,3}")
_QUERY_KEYS: Final = (("db.query.text", "db.system.name"), ("db.statement", "db.system"))
_FALLBACK_KEYS: Final = ("http.request.method", "http.method", "db.operation.name", "db.operation")


def _first_word(name: str) -> str:
    return name.partition(" ")[0].rstrip(";").upper()


def _query(attributes: Mapping[str, Any]) -> str | None:
    """Return the operation and table of a database span, from its guarded statement."""
    for text_key, system_key in _QUERY_KEYS:
        statement, system = attributes.get(text_key), attributes.get(system_key)
        if isinstance(statement, str) and isinstance(system, str) and system != "redis":
            return summary(statement, system)
    return None


class NameGuard:
    """Judge names by what the process can prove."""

    def __init__(self, evidence: Evidence, messages: Messages = NO_MESSAGES) -> None:
        self._evidence = evidence
        self._messages = messages
        self._proven: FifoCache[str, str] = FifoCache(_CACHE_SIZE)

    def proven(self, given: object) -> str | None:
        """Return the name if it may leave, or `None`; accepts any object without calling its code."""
        name = text.exact(given)
        if name is None:
            return None
        if type(given) is text.Proven:
            return name
        known = self.known(name)
        if known is not None:
            return known
        said = text.judge(name).text if type(given) is not text.Refused else None
        return said or self.composed(name)

    def composed(self, name: str) -> str | None:
        """Return the name if it may leave whoever says it: by its words, or as a message of the policy."""
        known = self.known(name)
        if known is not None or not 0 < len(name) <= _MAX_LENGTH:
            return known
        found = self._composed(name) or self._messages.match(name)
        return self._proven.keep(name, found) if found is not None else None

    def known(self, name: str) -> str | None:
        """Return what `composed` has found before."""
        return self._proven.get(name)

    def span(self, given: object, attributes: Mapping[str, Any]) -> str:
        """Return a span's name; if it isn't proven, the method or operation in its guarded attributes."""
        name, query = text.exact(given), _query(attributes)
        if query is not None and name is not None and _first_word(name) in {_first_word(query), _WITH}:
            # The instrumentations name a query by its first word and the database; the conventions name it by its
            # table.
            return query
        found = self.proven(given)
        if found is not None:
            return found
        drops.drop("span_name", "unproven_text")
        if query is not None:
            return query
        for key in _FALLBACK_KEYS:
            operation = attributes.get(key)
            if isinstance(operation, str):
                return operation
        # A WebSocket's span has no method among its attributes.
        method = (name or "").partition(" ")[0]
        return method if method in _METHODS or method == _ANY_METHOD else text.PLACEHOLDER

    def is_made_of_statement(self, name: object, scope: InstrumentationScope | None) -> bool:
        """Return whether an instrumentation named a span by its statement's first word, as `span` would judge it."""
        return (
            type(name) is str
            and scope is not None
            and scope.name.startswith(_INSTRUMENTATIONS)
            and sanitiser.operation(_first_word(name)) is not None
        )

    def event(self, name: object, surface: str = "span_event") -> str:
        """Return an event's name, or the placeholder."""
        found = self.proven(name)
        if found is None:
            drops.drop(surface, "unproven_text")
            return text.PLACEHOLDER
        return found

    def scope(self, given: object) -> str:
        """Return a scope's name if it is a loaded module's or a logger's in the source, else an empty text."""
        name = text.exact(given)
        if not name:
            return ""
        found = logger_name(name)
        if found is not None:
            return found
        drops.drop("scope", "unproven_text")
        return ""

    def version(self, given: object) -> str:
        """Return a scope's version if an installed distribution has it, else an empty text."""
        version = text.exact(given)
        if not version:
            return ""
        if self._evidence.version(version) or text.is_name(version):
            return version
        drops.drop("scope", "refused_value")
        return ""

    def schema_url(self, given: object) -> str:
        """Return a schema URL if it is OpenTelemetry's, else an empty text."""
        url = text.exact(given)
        return url if url and _SCHEMA.fullmatch(url) else ""

    def _composed(self, name: str) -> str | None:
        if redis_commands.is_name(name) or self._evidence.rpc_services.has_name(name):
            return name
        if name.startswith(_BACKGROUND):
            function = name.removeprefix(_BACKGROUND)
            return name if self._evidence.function(function) else _BACKGROUND.strip()
        operation, _, model = name.partition(" ")
        if operation in _AI_OPERATIONS and accept(_MODEL, model) == model:
            return name
        for verb in _JOB_VERBS:
            if name.startswith(verb):
                job = name.removeprefix(verb)
                return name if self._evidence.task(job) or text.is_name(job) else None
        # An HTTP span is "{method} {route}", a database span "{operation} {target}": each word must be proven.
        words = [self._word(word) for word in name.split(" ")]
        return None if any(word is None for word in words) else " ".join(filter(None, words))

    def _word(self, word: str) -> str | None:
        if word in _METHODS or word in _WORDS or self._evidence.route(word):
            return word
        # Some instrumentations use a statement's first word with its terminator: `BEGIN;`.
        operation = word.rstrip(";")
        if sanitiser.operation(operation) == operation:
            return operation
        database = self._evidence.database(word)
        if database is not None:
            return database
        return word if all(map(self._evidence.identifier, word.split("."))) else None
