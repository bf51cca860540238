"""Prove the messages of pydantic's validation errors."""

from __future__ import annotations

import sys
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.redact.provenance import cpython
from pazpaz_otel.redact.provenance.code_index import compiled_of, imported, subclasses
from pazpaz_otel.redact.provenance.forms import HOLE
from pazpaz_otel.redact.provenance.lookups import simple_name
from pazpaz_otel.redact.provenance.module_index import class_name
from pazpaz_otel.redact.provenance.source_index import index_of
from pazpaz_otel.redact.schema_texts import Proofs, schema_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_MAX_ERRORS: Final = 16
_MAX_MODELS: Final = 4096
_PARTS: Final = frozenset({"body", "query", "path", "header", "cookie", "__root__"})
"""What FastAPI and pydantic call where a field is."""
_SCHEMA: Final = frozenset(
    "class_name decimal_places discriminator expected expected_schemes expected_tags expected_version ge gt le lt"
    " max_digits max_length min_length multiple_of pattern whole_digits".split()
)
"""The keys of an error's context that hold a part of the schema; others, such as `tag`, quote the data."""
_FIELD_TYPES: Final = frozenset({"Deque", "Dictionary", "Frozenset", "Generator", "List", "Set", "Tuple"})
"""What pydantic calls a field with too many or too few items."""

_Fields = dict[str, list[tuple[type, str]]]
"""Models that have a field, and the field's own name in them, by what it is called."""


def message_of(exc: Any, module: Any, proofs: Proofs) -> str | None:
    """Return what may leave of a `ValidationError`: pydantic's own words, names of models, the schema's limits."""
    if not isinstance(exc, module.ValidationError):
        return None
    models = [*_models()]
    fields = _fields(models)
    titled = [model for model in models if simple_name(model) == exc.title]
    indexes = [index_of(model.__module__) for model in titled]

    def is_literal(value: object) -> bool:
        return proofs.literal(value) or any(index is not None and index.has_literal(value) for index in indexes)

    title = exc.title if titled else proofs.text(exc.title) or HOLE
    found = exc.errors(include_url=False, include_input=False)
    shown = [
        f"{_place(error['loc'], fields) or title}\n  {_kind(error, proofs, is_literal)}"
        for error in found[:_MAX_ERRORS]
    ]
    count = "1 validation error" if len(found) == 1 else "validation errors"
    return f"{count} for {title}\n" + "\n".join(shown)


def messages_in(exc: BaseException, shown: str) -> Iterator[tuple[str, str | None]]:
    """Yield the message of each of an exception's errors, with what may leave of it."""
    core = sys.modules.get("pydantic_core")
    if core is None or not isinstance(exc, core.ValidationError):
        return
    messages = [error["msg"] for error in exc.errors(include_url=False, include_input=False)]
    lines = [line.strip().rpartition(" [type=")[0] or None for line in shown.split("\n")[2::2]]
    yield from zip(messages, lines if len(lines) == len(messages) else [None] * len(messages), strict=True)


def _place(parts: tuple[object, ...], fields: _Fields) -> str:
    return ".".join(part if type(part) is str and _is_declared(part, fields) else HOLE for part in parts)


def _is_declared(name: str, fields: _Fields) -> bool:
    """Return whether the source has the name of a field, or a generator of aliases made it of such a name."""
    return name in _PARTS or any(
        _has(model, field, name) or (_plain(name) == _plain(field) and _has(model, field, field))
        for model, field in fields.get(name, ())
    )


def _has(model: type, field: str, name: str) -> bool:
    """Return whether a module that declares a model's field has a name; `create_model` takes fields from data."""
    for base in model.__mro__:
        if field not in _fields_of(base) or not imported(base.__module__):
            continue
        compiled, index = compiled_of(base.__module__), index_of(base.__module__)
        if (compiled is not None and compiled.has_name(name)) or (index is not None and index.has_literal(name)):
            return True
    return False


def _plain(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower()


def _kind(error: dict[str, Any], proofs: Proofs, is_literal: Callable[[object], bool]) -> str:
    """Return an error's line: pydantic's own template, filled with the schema's limits and a validator's message."""
    kind, told = error["type"], _templates().get(error["type"])
    context = error.get("ctx", {})
    raised = context.get("error")
    message = proofs.message(raised) if isinstance(raised, BaseException) else None
    if type(raised) is str and raised in cpython.texts_of("speedate"):
        message = raised
    if told is None:
        told, kind = proofs.text(error["msg"]) or HOLE, proofs.text(kind) or HOLE
    elif message:
        told = told.replace("{error}", message)
    if context.get("field_type") in _FIELD_TYPES:
        told = told.replace("{field_type}", context["field_type"])
    for name in _SCHEMA.intersection(context):
        shown = schema_text(context[name], is_literal)
        if shown is not None:
            plural = "" if context[name] == 1 else "s"
            told = told.replace(f"{{{name}}}", shown).replace("{expected_plural}", plural)
    return f"{told} [type={kind}, input_value={HOLE}, input_type={HOLE}]"


@cache
def _templates() -> dict[str, str]:
    core = sys.modules.get("pydantic_core._pydantic_core")
    errors = core.list_all_errors() if core is not None else ()
    return {error["type"]: error["message_template_python"] for error in errors}


def _models() -> Iterator[type]:
    """Return the loaded models."""
    base = getattr(sys.modules.get("pydantic.main"), "BaseModel", None)
    models = islice(subclasses(base), _MAX_MODELS) if isinstance(base, type) else ()
    return (model for model in models if class_name(model) is not None)


def _fields(models: Iterable[type]) -> _Fields:
    """Return the models' fields by name and alias."""
    found: _Fields = {}
    for model in models:
        for name, field in _fields_of(model).items():
            aliases = getattr(field, "alias", None), getattr(field, "validation_alias", None)
            for told in {name, *(alias for alias in aliases if type(alias) is str)}:
                found.setdefault(told, []).append((model, name))
    return found


def _fields_of(model: type) -> dict[str, Any]:
    fields = model.__dict__.get("__pydantic_fields__")
    return fields if isinstance(fields, dict) else {}
