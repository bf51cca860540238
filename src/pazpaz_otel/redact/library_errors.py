"""Prove messages that libraries compose from data: their own words leave, and names in the program's code."""

from __future__ import annotations

import re
import sys
import typing
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.redact.provenance import cpython
from pazpaz_otel.redact.provenance.module_index import class_name
from pazpaz_otel.redact.sql.sanitiser import is_identifier
from pazpaz_otel.redact.sql.source_names import SOURCE
from pazpaz_otel.redact.sql.words import TYPES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_UNNAMED: Final = "{…}"
_MAX_ERRORS: Final = 16
_MAX_MODELS: Final = 4096
_WORD_START: Final = re.compile(r"(?<=[a-z0-9])([A-Z])")
_SQLALCHEMY_CODE: Final = re.compile(r"[0-9a-z]{4}")
_AWS_CODES: Final = frozenset(
    "AccessDenied AccessDeniedException BadDigest BucketAlreadyExists BucketAlreadyOwnedByYou BucketNotEmpty"
    " ConditionalCheckFailedException ConflictException EntityTooLarge EntityTooSmall ExpiredToken"
    " ExpiredTokenException IncompleteBody InternalError InternalFailure InternalServerError InvalidAccessKeyId"
    " InvalidArgument InvalidBucketName InvalidClientTokenId InvalidDigest InvalidObjectState InvalidParameterException"
    " InvalidParameterValue InvalidPart InvalidRange InvalidRequest InvalidRequestException KMSAccessDeniedException"
    " LimitExceededException MalformedPolicy MalformedXML MessageRejected MethodNotAllowed MissingContentLength"
    " NoSuchBucket NoSuchKey NoSuchUpload NoSuchVersion NotFoundException NotImplemented OperationAborted"
    " PreconditionFailed ProvisionedThroughputExceededException QueueDoesNotExist RequestLimitExceeded RequestTimeout"
    " RequestTimeTooSkewed ResourceInUseException ResourceNotFoundException ServiceException"
    " ServiceUnavailable ServiceUnavailableException SignatureDoesNotMatch SlowDown Throttling ThrottlingException"
    " TooManyRequestsException TransactionCanceledException UnauthorizedOperation UnrecognizedClientException"
    " ValidationException".split()
)

_SQLITE: Final = (
    "no such table: {",
    "no such column: {",
    "no such function: {",
    "no such index: {",
    "UNIQUE constraint failed: {",
    "NOT NULL constraint failed: {",
    "CHECK constraint failed: {",
    "ambiguous column name: {",
    "near {",
    "unrecognized token: {",
    "table {",
    "You did not supply a value for binding {",
    "Incorrect number of bindings supplied{",
    "FOREIGN KEY constraint failed",
    "Cannot operate on a closed database.",
    "Cannot operate on a closed cursor.",
    "attempt to write a readonly database",
    "cannot start a transaction within a transaction",
    "database disk image is malformed",
    "database is locked",
    "database or disk is full",
    "database table is locked",
    "datatype mismatch",
    "disk I/O error",
    "file is not a database",
    "incomplete input",
    "interrupted",
    "unable to open database file",
)
"""SQLite's messages, from its C source; what follows the brace is a name that leaves only if the code has it."""


@dataclass(frozen=True, slots=True)
class Proofs:
    """What the raising code proves.

    Attributes:
        text: returns what may leave of a text, or None.
        message: returns what may leave of another exception's message, or None.
        name: returns whether an identifier is in the code.
    """

    text: Callable[[object], str | None]
    message: Callable[[BaseException], str | None]
    name: Callable[[str], bool]


def message_of(exc: BaseException, proofs: Proofs) -> str | None:
    """Return what may leave of a library's own message, or None if no library's form matches."""
    for library, form in _LIBRARIES.items():
        module = sys.modules.get(library)
        found = form(exc, module, proofs) if module is not None else None
        if found is not None:
            return found
    return None


def _sqlalchemy(exc: Any, module: Any, proofs: Proofs) -> str | None:
    if not isinstance(exc, module.StatementError) or not isinstance(exc.orig, BaseException):
        return None
    kind = next(filter(None, map(class_name, type(exc.orig).__mro__)))
    shown = f"({kind}) {proofs.message(exc.orig) or _adapted(exc.orig, proofs) or _UNNAMED}"
    code = exc.code
    if type(code) is not str or not _SQLALCHEMY_CODE.fullmatch(code):
        return shown
    version = str(getattr(sys.modules.get("sqlalchemy"), "__version__", ""))
    release = "".join(version.split(".")[:2])
    return f"{shown}\n(Background on this error at: https://sqlalche.me/e/{release}/{code})"


def _adapted(orig: BaseException, proofs: Proofs) -> str | None:
    """Return the message of an asynchronous driver's error, which SQLAlchemy's adapter repeats."""
    cause = orig.__cause__
    return proofs.message(cause) if cause is not None and type(orig).__module__.startswith("sqlalchemy.") else None


def _pydantic(exc: Any, module: Any, proofs: Proofs) -> str | None:
    if not isinstance(exc, module.ValidationError):
        return None
    names = _field_names()
    title = exc.title if exc.title in names else proofs.text(exc.title) or _UNNAMED
    found = exc.errors(include_url=False, include_input=False)
    shown = [f"{_place(error['loc'], names) or title}: {_kind(error, proofs)}" for error in found[:_MAX_ERRORS]]
    count = "1 validation error" if len(found) == 1 else "validation errors"
    return f"{count} for {title}\n" + "\n".join(shown)


def _place(parts: tuple[object, ...], names: set[str]) -> str:
    return ".".join(part if type(part) is str and part in names else _UNNAMED for part in parts)


def _kind(error: dict[str, Any], proofs: Proofs) -> str:
    kind = error["type"]
    shown = kind if kind in _pydantic_kinds() else proofs.text(kind) or _UNNAMED
    raised = error.get("ctx", {}).get("error")
    message = proofs.message(raised) if isinstance(raised, BaseException) else None
    return f"{shown}, {message}" if message else shown


@cache
def _pydantic_kinds() -> frozenset[str]:
    schema = sys.modules.get("pydantic_core.core_schema")
    return frozenset(typing.get_args(getattr(schema, "ErrorType", None))) if schema is not None else frozenset()


def _field_names() -> set[str]:
    """Return the names of the loaded models and their fields."""
    base = getattr(sys.modules.get("pydantic.main"), "BaseModel", None)
    found: set[str] = {"body", "query", "path", "header", "cookie", "__root__"}
    stack: list[type] = [base] if isinstance(base, type) else []
    for _ in range(_MAX_MODELS):
        if not stack:
            break
        model = stack.pop()
        stack.extend(type.__subclasses__(model))
        if class_name(model) is None:
            continue
        found.add(model.__name__)
        fields: Any = model.__dict__.get("__pydantic_fields__", {})
        for name, field in fields.items() if isinstance(fields, dict) else ():
            found.add(name)
            found.update(alias for alias in _aliases(field) if type(alias) is str)
    return found


def _aliases(field: Any) -> Iterable[object]:
    return (getattr(field, "alias", None), getattr(field, "validation_alias", None))


def _botocore(exc: Any, module: Any, proofs: Proofs) -> str | None:
    if not isinstance(exc, module.ClientError):
        return None
    code, operation = exc.response.get("Error", {}).get("Code"), exc.operation_name
    # Errors in a service's model are classes that are created from the model.
    is_modelled = type(exc).__module__ == "botocore.errorfactory" and type(exc).__name__ == code
    shown = code if is_modelled or code in _AWS_CODES else _UNNAMED
    method = _WORD_START.sub(r"_\1", operation).lower() if type(operation) is str else ""
    called = operation if proofs.name(method) else _UNNAMED
    return f"An error occurred ({shown}) when calling the {called} operation"


def _sqlite(exc: Any, module: Any, proofs: Proofs) -> str | None:
    if not isinstance(exc, module.Error):
        return None
    text = str(exc)
    for said in _SQLITE:
        if text == said:
            return said
        head, open_end, _ = said.partition("{")
        if open_end and text.startswith(head):
            told = text[len(head) :].split(", ")
            return head + ", ".join(_dotted(name, proofs) for name in told[:_MAX_ERRORS])
    return None


def _dotted(name: str, proofs: Proofs) -> str:
    return name if all(_is_name(part, proofs) for part in name.split(".")) else _UNNAMED


def _is_name(name: str, proofs: Proofs) -> bool:
    return proofs.name(name) or is_identifier(name, SOURCE.knows)


def _server(exc: Any, module: Any, proofs: Proofs) -> str | None:
    """Return the first line of a server's message; the details after it quote the row."""
    if type(exc).__module__.partition(".")[0] != module.__name__:
        return None
    said = str(exc).partition("\n")[0]
    return cpython.message_of(
        type(exc),
        said,
        type_proven=lambda name: name.upper() in TYPES,
        name_proven=lambda name: _is_name(name, proofs),
    )


_LIBRARIES: Final = {
    "psycopg": _server,
    "psycopg2": _server,
    "asyncpg": _server,
    "redis": _server,
    "sqlite3": _sqlite,
    "sqlalchemy.exc": _sqlalchemy,
    "pydantic_core": _pydantic,
    "botocore.exceptions": _botocore,
}
