"""Prove messages that libraries compose from data: their own words leave, and names in the program's code."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.redact import pydantic_errors
from pazpaz_otel.redact.printing import said
from pazpaz_otel.redact.provenance import cpython
from pazpaz_otel.redact.provenance.forms import HOLE
from pazpaz_otel.redact.provenance.module_index import class_name
from pazpaz_otel.redact.schema_texts import schema_text
from pazpaz_otel.redact.sql.sanitiser import is_identifier, sanitise
from pazpaz_otel.redact.sql.source_names import SOURCE
from pazpaz_otel.redact.sql.words import TYPES

if TYPE_CHECKING:
    from pazpaz_otel.redact.schema_texts import Proofs

_MAX_STATEMENT: Final = 1024
_DIALECTS: Final = {"sqlite": "sqlite", "psycopg": "postgresql", "postgresql": "postgresql", "asyncpg": "postgresql"}
"""How to read a driver's statements, by what its module is called."""
_WORD_START: Final = re.compile(r"(?<=[a-z0-9])([A-Z])")
_TYPE: Final = re.compile(r"invalid (\w+) value: ")
_CHOICES: Final = re.compile(r" \(choose from ([^()]*)\)$")
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
_BEFORE_VALUE: Final = {
    "enum": " is not one of ",
    "exclusiveMaximum": " is greater than or equal to the maximum of ",
    "exclusiveMinimum": " is less than or equal to the minimum of ",
    "format": " is not a ",
    "maximum": " is greater than the maximum of ",
    "minimum": " is less than the minimum of ",
    "multipleOf": " is not a multiple of ",
    "pattern": " does not match ",
    "type": " is not of type ",
}
"""What stands between the data and the schema's value, by keyword."""
_AROUND_VALUE: Final = {
    "additionalProperties": ("Additional properties are not allowed (", " unexpected)"),
    "maxItems": ("", " is too long"),
    "maxLength": ("", " is too long"),
    "minItems": ("", " is too short"),
    "minLength": ("", " is too short"),
    "uniqueItems": ("", " has non-unique elements"),
}
"""What stands around the data, by keyword."""


def message_of(exc: BaseException, proofs: Proofs) -> str | None:
    """Return what may leave of a library's own message, or None if no library's form matches."""
    for library, form in _LIBRARIES.items():
        module = sys.modules.get(library)
        found = form(exc, module, proofs) if module is not None else None
        if found is not None:
            return found
    return None


def _sqlalchemy(exc: Any, module: Any, proofs: Proofs) -> str | None:
    if not isinstance(exc, module.SQLAlchemyError):
        return None
    shown: str | None
    driver = getattr(exc, "orig", None)
    if isinstance(driver, BaseException):
        kind = next(filter(None, map(class_name, type(driver).__mro__)))
        shown = f"({kind}) {proofs.message(driver) or _adapted(driver, proofs) or HOLE}"
    else:
        shown = proofs.text(exc.args[0]) if len(exc.args) == 1 else None
    code = exc.code
    if shown is None:
        return None
    shown += _statement(exc)
    if type(code) is not str or not _SQLALCHEMY_CODE.fullmatch(code):
        return shown
    version = str(getattr(sys.modules.get("sqlalchemy"), "__version__", ""))
    release = "".join(version.split(".")[:2])
    return f"{shown}\n(Background on this error at: https://sqlalche.me/e/{release}/{code})"


def _statement(exc: Any) -> str:
    """Return the lines in which SQLAlchemy quotes the statement."""
    given, driver = getattr(exc, "statement", None), type(getattr(exc, "orig", None)).__module__
    dialect = next((name for part, name in _DIALECTS.items() if part in driver), None)
    shown = sanitise(given, dialect, SOURCE.knows) if type(given) is str and dialect is not None else None
    parameters = f"\n[parameters: {HOLE}]" if getattr(exc, "params", None) else ""
    return f"\n[SQL: {shown}]{parameters}" if shown and len(shown) <= _MAX_STATEMENT else ""


def _adapted(orig: BaseException, proofs: Proofs) -> str | None:
    """Return the message of an asynchronous driver's error, which SQLAlchemy's adapter repeats."""
    cause = orig.__cause__
    return proofs.message(cause) if cause is not None and type(orig).__module__.startswith("sqlalchemy.") else None


def _botocore(exc: Any, module: Any, proofs: Proofs) -> str | None:
    if not isinstance(exc, module.ClientError):
        return None
    code, operation = exc.response.get("Error", {}).get("Code"), exc.operation_name
    # Errors in a service's model are classes that are created from the model.
    is_modelled = type(exc).__module__ == "botocore.errorfactory" and type(exc).__name__ == code
    shown = code if is_modelled or code in _AWS_CODES else HOLE
    method = _WORD_START.sub(r"_\1", operation).lower() if type(operation) is str else ""
    called = operation if proofs.name(method) else HOLE
    return f"An error occurred ({shown}) when calling the {called} operation"


def _argparse(exc: Any, module: Any, proofs: Proofs) -> str | None:
    if not isinstance(exc, module.ArgumentError):
        return None
    shown, name = proofs.text(exc.message), exc.argument_name
    kind = _TYPE.match(exc.message)
    if shown is not None and kind is not None and proofs.name(kind[1]):
        shown = shown.replace("%(type)s", kind[1], 1)
    choices = _CHOICES.search(exc.message)
    if shown is not None and choices is not None and schema_text(choices[1], proofs.literal) is not None:
        shown = _CHOICES.sub(lambda _: choices[0], shown)
    if shown is None or type(name) is not str:
        return shown
    told = name if all(map(proofs.literal, name.split("/"))) else HOLE
    return f"argument {told}: {shown}"


def _server(exc: Any, module: Any, proofs: Proofs) -> str | None:
    """Return the first line of a server's message; the details after it quote the row."""
    if type(exc).__module__.partition(".")[0] != module.__name__:
        return None
    first = (said(exc) or "").partition("\n")[0]
    return cpython.message_of(
        type(exc),
        first,
        type_proven=lambda name: name.upper() in TYPES,
        name_proven=lambda name: proofs.name(name) or is_identifier(name, SOURCE.knows),
    )


def _jsonschema(exc: Any, module: Any, proofs: Proofs) -> str | None:
    """Return what may leave of a `ValidationError`: the keyword's words, and what the schema asks for."""
    if not isinstance(exc, module.ValidationError) or type(exc.message) is not str:
        return None
    told, made = _told_of_schema(exc, proofs), said(exc) or ""
    if told is None or not made.startswith(f"{exc.message}\n\nFailed validating {exc.validator!r} in "):
        return told if made == exc.message else None
    return f"{told}\n\nFailed validating {exc.validator!r} in schema{HOLE}\n\nOn instance{HOLE}"


def _told_of_schema(exc: Any, proofs: Proofs) -> str | None:
    message, keyword, value = exc.message, exc.validator, exc.validator_value
    if keyword in _AROUND_VALUE:
        start, end = _AROUND_VALUE[keyword]
        return f"{start}{HOLE}{end}" if message.startswith(start) and message.endswith(end) else None
    if keyword == "required" and type(value) is list:
        missing = (name for name in value if message == f"{name!r} is a required property")
        return next((message if proofs.literal(name) else f"{HOLE} is a required property" for name in missing), None)
    before = _BEFORE_VALUE.get(keyword)
    if before is None:
        return None
    if keyword == "type" and type(value) is list:
        asked = ", ".join(map(repr, value)) if schema_text(value, proofs.literal) else None
    else:
        asked = schema_text(value, proofs.literal)
        asked = repr(asked) if type(value) is str and asked is not None else asked
    if asked is not None and message.endswith(before + asked):
        return f"{HOLE}{before}{asked}"
    return f"{HOLE}{before}{HOLE}" if before in message else None


_LIBRARIES: Final = {
    "argparse": _argparse,
    "psycopg": _server,
    "psycopg2": _server,
    "asyncpg": _server,
    "redis": _server,
    "sqlite3": _server,
    "sqlalchemy.exc": _sqlalchemy,
    "pydantic_core": pydantic_errors.message_of,
    "jsonschema.exceptions": _jsonschema,
    "botocore.exceptions": _botocore,
}
