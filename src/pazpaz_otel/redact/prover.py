"""Answer the kinds' questions about the running process, from its evidence, loaded modules and source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pazpaz_otel.redact import redis_commands, text
from pazpaz_otel.redact.messages import NO_MESSAGES, Messages
from pazpaz_otel.redact.provenance import module_files, module_index
from pazpaz_otel.redact.sql import sanitiser
from pazpaz_otel.redact.stacktrace import guard_stacktrace

if TYPE_CHECKING:
    from pazpaz_otel.redact.evidence import Evidence


class ProcessProver:
    """The `Prover` of one process.

    Args:
        evidence: what the process knows.
        messages: the policy's messages.
        remembers: whether a text counts that another statement was proven to say.
    """

    def __init__(self, evidence: Evidence, messages: Messages = NO_MESSAGES, *, remembers: bool = True) -> None:
        self._remembers = remembers
        self._evidence = evidence
        self._messages = messages
        # Bound directly, to save a call for each span.
        self.route = evidence.route
        self.host = evidence.host
        self.database = evidence.database
        self.database_user = evidence.database_user
        self.version = evidence.version
        self.configured = evidence.configured
        self.module = module_index.module_proven
        self.file = module_files.relative_path
        self.sql_operation = sanitiser.operation
        self.redis = redis_commands.sanitise
        self.redis_name = redis_commands.is_name
        self.rpc = evidence.rpc_services.has

    def sql(self, value: str, dialect: str) -> str | None:
        """Return the statement without literals, comments and unknown names, or None if it doesn't parse."""
        return sanitiser.sanitise(value, dialect, self._evidence.identifier, self._written)

    def identifier(self, value: str) -> bool:
        """Return whether this is a table or column of the application, or a convention derives it from such names."""
        return sanitiser.is_identifier(value, self._evidence.identifier)

    def _written(self, value: str) -> str | None:
        return " ".join(value.split()) if isinstance(text.judge(value), text.Kept) else self._evidence.statement(value)

    def class_name(self, value: str) -> bool:
        """Return whether a loaded class has this name; logging handlers omit an exception's module."""
        return module_index.class_name_proven(value) or module_index.simple_name_proven(value)

    def function(self, value: str, *, module: str | None = None, file: str | None = None) -> bool:
        """Return whether a loaded module has this function; without `module` and `file`, the name must be qualified."""
        if module is not None:
            return module_index.function_proven(module, value)
        if file is not None:
            return module_index.function_name_proven(value, file)
        if self._evidence.task(value):
            return True
        module, _, name = value.rpartition(".")
        return bool(module) and module_index.function_proven(module, name)

    def text(self, value: str) -> str | None:
        """Return the text if the program's source or one of the policy's messages proves it, or None."""
        return text.judge(value, (), self._messages).text if self._remembers else self._messages.match(value)

    def stacktrace(self, value: str) -> str | None:
        """Return the stack trace without anything unproven, or None if nothing is left."""
        return guard_stacktrace(value, self._messages)
