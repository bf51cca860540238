"""What becomes of an attribute's value, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pazpaz_otel.policy import Kind

_RUNTIME = {
    "route": "leaves if the application registered this route; anything else is dropped",
    "url_path": "leaves as the route template that served it; without one it is dropped",
    "url_origin": "leaves as scheme, host and port if the host is known; path, query and credentials never",
    "host": "leaves if it is loopback, in the policy's `hosts`, or in a URL of the process's configuration",
    "sql": "leaves with `?` for every literal and unknown identifier, without comments; dropped if it doesn't parse",
    "sql_operation": "leaves if it is an operation that the statement's own tokens show",
    "db_name": "leaves if it is the name of a database of one of the application's engines",
    "db_identifier": "leaves if the application's metadata or the policy's `sql.identifiers` name it",
    "db_user": "leaves if it is the user of one of the application's engines",
    "redis": "leaves as commands with `?` for every key and value",
    "class": "leaves if it is the qualified name of a class that is loaded, or an exception's without its module",
    "error_type": "leaves if it is a status code or the name of a class that is loaded",
    "module": "leaves if it is the name of a module that is loaded",
    "function": "leaves if it is a function of a module that is loaded",
    "file": "leaves as the path inside its package",
    "version": "leaves if it is the version of an installed distribution",
    "config": "leaves as the process's configuration says it, nothing else does",
    "instance": "leaves as the identity of this process or container",
    "text": "leaves if the program's source proves it: a constant of the running statement, or one of `messages`",
    "stacktrace": "leaves as type, file, line and function of each frame, with text only where the source proves it",
}
_GRAMMAR = {
    "method": "leaves if it is a method that HTTP knows, or `_OTHER`",
    "uuid": "leaves if it is a UUID of version 4 or 7",
    "trace_id": "leaves if it is 32 hexadecimal digits",
    "span_id": "leaves if it is 16 hexadecimal digits",
    "event_id": "leaves if it is a random UUID without its hyphens",
    "digest": "leaves if it is 16 hexadecimal digits",
    "protocol_version": "leaves if it is a version of HTTP",
    "thread_name": "leaves if it is a name that the standard library or the server gives to threads",
    "bool": "leaves if it is true or false",
    "status_code": "leaves if it is a whole number from 100 to 599",
    "port": "leaves if it is a whole number from 0 to 65535",
    "duration": "leaves if it is a number of seconds from 0 to 604800",
}


def name_of(kind: Kind) -> str:
    """The kind as a policy writes it."""
    if kind.name == "enum":
        return "{enum: [" + ", ".join(kind.values) + "]}"
    if kind.name == "number":
        return f"{{number: [{kind.minimum:.15g}, {kind.maximum:.15g}]}}"
    return kind.name


def fate_of(kind: Kind) -> str:
    """What becomes of a value under a key of this kind."""
    if kind.name == "enum":
        return "leaves if it is one of: " + ", ".join(kind.values)
    if kind.name == "number":
        return f"leaves if it is a number from {kind.minimum:.15g} to {kind.maximum:.15g}"
    return _RUNTIME.get(kind.name) or _GRAMMAR.get(kind.name) or "leaves if it belongs to its kind"
