"""An application's operations, from its OpenAPI document or only from method and path."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, urlencode

from pazpaz_otel.audit.application.values import NoValueError, Values

METHODS: Final = ("post", "get", "put", "patch", "delete")
"""The order of sending: what is created first can then be read, changed and deleted."""

PARAMETER: Final = re.compile(r"\{([^}:]*)(?::[^}]*)?\}|<(?:[^<>:]+:)?([^<>]+)>")
"""A parameter in a template: OpenAPI's, Starlette's or Litestar's in braces, or Flask's and Quart's."""
_JSON: Final = "application/json"
_FORM: Final = ("application/x-www-form-urlencoded", "multipart/form-data")
_BOUNDARY: Final = "a-part-of-the-audit-ends-here"
_HARMLESS: Final = "1"


@dataclass(frozen=True)
class Request:
    """A request that is ready to be sent."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class Parameter:
    """A parameter of an operation."""

    name: str
    location: str
    schema: Mapping[str, Any]
    required: bool


@dataclass(frozen=True)
class Operation:
    """A route of the application.

    Attributes:
        method: the method, in capitals.
        template: the path with its parameters in braces.
        values: generates values for the schemas.
        parameters: the path, query, header and cookie parameters.
        media_type: the body's media type; None if there is no body, or none is documented.
        body: the body's schema.
    """

    method: str
    template: str
    values: Values
    parameters: tuple[Parameter, ...] = ()
    media_type: str | None = None
    body: Mapping[str, Any] | None = None

    @property
    def label(self) -> str:
        """The operation's name for people: method and template."""
        return f"{self.method} {self.template}"

    def takes(self, planted: Iterable[str]) -> bool:
        """Return whether a request has any of these places for a text."""
        there = {parameter.location for parameter in self.parameters}
        there |= {"path"} if PARAMETER.search(self.template) else set()
        there |= {"body"} if self.media_type is not None else set()
        return not there.isdisjoint(planted)

    def request(self, text: str, planted: Iterable[str], known: Mapping[str, str]) -> Request:
        """Return a request that the application accepts, according to its schema.

        Args:
            text: the planted text.
            planted: where to plant it: `path`, `query`, `header`, `cookie` or `body`.
            known: values for path parameters, by the path segment before the parameter: ids from the application.
        """
        places = set(planted)

        def value(parameter: Parameter) -> str:
            chosen = text if parameter.location in places else _HARMLESS
            try:
                made = self.values.make(parameter.schema, chosen)
            except NoValueError:
                made = chosen
            return made if isinstance(made, str) else json.dumps(made, ensure_ascii=False)

        path = self._path(value, known, planted="path" in places, text=text)
        query = [(p.name, value(p)) for p in self._of("query") if p.required or "query" in places]
        headers = {p.name: value(p) for p in self._of("header") if p.required or "header" in places}
        cookies = "; ".join(
            f"{p.name}={quote(value(p))}" for p in self._of("cookie") if p.required or "cookie" in places
        )
        if cookies:
            headers["Cookie"] = cookies
        body = b""
        if self.media_type is not None:
            headers["Content-Type"], body = self._body(text if "body" in places else _HARMLESS)
        target = path + (f"?{urlencode(query)}" if query else "")
        return Request(self.method, target, headers, body)

    def _path(self, value: Any, known: Mapping[str, str], *, planted: bool, text: str) -> str:
        declared = {parameter.name: parameter for parameter in self._of("path")}
        segments: list[str] = []
        for segment in self.template.split("/"):
            match = PARAMETER.search(segment)
            if match is None:
                segments.append(segment)
                continue
            before = segments[-1] if segments else ""
            if before in known and not planted:
                filled = known[before]
            elif (name := match[1] or match[2]) in declared:
                filled = value(declared[name])
            else:
                filled = text if planted else _HARMLESS
            segments.append(PARAMETER.sub(lambda _, filled=filled: quote(filled, safe=""), segment))  # type: ignore[misc]
        return "/".join(segments)

    def _body(self, text: str) -> tuple[str, bytes]:
        try:
            made = self.values.make(self.body or {}, text)
        except NoValueError:
            made = {"note": text}
        if self.media_type in _FORM and isinstance(made, dict):
            return _encoded(made, self.values.files(self.body or {}), multipart=self.media_type == _FORM[1])
        if self.media_type == _JSON or not isinstance(made, str):
            return _JSON, json.dumps(made, ensure_ascii=False).encode()
        return self.media_type or _JSON, made.encode()

    def _of(self, location: str) -> Iterator[Parameter]:
        return (parameter for parameter in self.parameters if parameter.location == location)


def operations(
    documents: Iterable[tuple[str, Mapping[str, Any]]], routes: Iterable[Iterable[str]] = ()
) -> list[Operation]:
    """Return the operations in OpenAPI documents, then the routes that they lack.

    Args:
        documents: OpenAPI documents, each with its application's mount path.
        routes: method and path template of further routes.
    """
    values = Values({})
    found = [one for prefix, document in documents for one in _described(prefix, document, Values(document))]
    known = {(operation.method, _plain(operation.template)) for operation in found}
    for method, template in routes:
        if (method, _plain(template)) not in known:
            takes_body = method in {"POST", "PUT", "PATCH"}
            found.append(Operation(method, template, values, media_type=_JSON if takes_body else None))
    order = [method.upper() for method in METHODS]
    return sorted(found, key=lambda operation: order.index(operation.method) if operation.method in order else 0)


def _described(prefix: str, document: Mapping[str, Any], values: Values) -> Iterator[Operation]:
    for template, item in (document.get("paths") or {}).items():
        shared = item.get("parameters", ())
        for method in METHODS:
            described = item.get(method)
            if not isinstance(described, dict):
                continue
            parameters = tuple(_parameters([*shared, *described.get("parameters", ())], values))
            content = values.resolve(described.get("requestBody") or {}).get("content") or {}
            media_type = next((kind for kind in (_JSON, *_FORM) if kind in content), next(iter(content), None))
            body = content.get(media_type, {}).get("schema") if media_type else None
            yield Operation(method.upper(), prefix + template, values, parameters, media_type, body)


def _parameters(described: Iterable[Any], values: Values) -> Iterator[Parameter]:
    for one in described:
        parameter = values.resolve(one)
        if parameter.get("name") and parameter.get("in"):
            yield Parameter(
                str(parameter["name"]),
                str(parameter["in"]),
                parameter.get("schema") or {},
                bool(parameter.get("required")),
            )


def _plain(template: str) -> str:
    """Return a template without its parameters' names and converters."""
    return PARAMETER.sub("{}", template)


def _encoded(form: Mapping[str, Any], files: Collection[str], *, multipart: bool) -> tuple[str, bytes]:
    """Return a form's media type and body; a list becomes one field for each value, and None is left out."""
    pairs = list(_pairs(form))
    if not multipart:
        return _FORM[0], urlencode(pairs).encode()
    body = b"".join(_part(name, value, is_file=name in files) for name, value in pairs)
    return f"multipart/form-data; boundary={_BOUNDARY}", body + f"--{_BOUNDARY}--\r\n".encode()


def _pairs(form: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in form.items():
        for one in value if isinstance(value, list) else [value]:
            if one is not None:
                yield name, one if isinstance(one, str) else json.dumps(one, ensure_ascii=False)


def _part(name: str, value: str, *, is_file: bool) -> bytes:
    # The client chooses a file's name, too.
    head = f'Content-Disposition: form-data; name="{quote(name)}"'
    if is_file:
        head += f'; filename="{quote(value[:60])}.txt"\r\nContent-Type: text/plain'
    return f"--{_BOUNDARY}\r\n{head}\r\n\r\n{value}\r\n".encode()
