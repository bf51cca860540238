"""Values that the program's source proves: modules, classes, functions, files, and free text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pazpaz_otel.policy.kind_type import KindType, Prover, exact

_DOTTED: Final = r"^[A-Za-z_][A-Za-z0-9_.]{0,255}$"
_STATUS: Final = frozenset(map(str, range(100, 600)))


def _function(value: str, beside: Mapping[str, Any], prover: Prover) -> str | None:
    module, file = exact(beside.get("code.namespace")), exact(beside.get("code.file.path"))
    if module is not None:
        return value if prover.function(value, module=module) else None
    if file is not None and prover.function(value, file=file):
        return value
    return value if prover.function(value) else None


def prove_name(value: str, _: Mapping[str, Any], prover: Prover) -> str | None:
    """Return the name if it is whole in the source, configured, or the name of a loaded function or class."""
    # A template of the source doesn't count: the values filled in would be missing from the name.
    if prover.configured(value) or prover.function(value) or prover.class_name(value):
        return value
    return value if value and prover.text(value) == value else None


KINDS = (
    KindType(
        name="class",
        belongs="the qualified name of a loaded class; for an exception, the module may be missing",
        handling="leaves if it is the qualified name of a loaded class, or an exception class's bare name",
        shape=_DOTTED,
        prove=lambda value, _, prover: value if prover.class_name(value) else None,
        refuses=("dvora levinson", "3051234567"),
    ),
    KindType(
        name="error_type",
        belongs="a status code from 100 to 599, `_OTHER`, or the name of a loaded class",
        handling="leaves if it is a status code or the name of a loaded class",
        shape=r"^(?:[1-5][0-9]{2}|_OTHER|[A-Za-z_][A-Za-z0-9_.]{0,255})$",
        prove=lambda value, _, prover: (
            value if value == "_OTHER" or value in _STATUS or prover.class_name(value) else None
        ),
        untrusted=r"^(?:[1-5][0-9]{2}|_OTHER)$",
        refuses=("3051234567", "30512345", "dvora levinson"),
    ),
    KindType(
        name="module",
        belongs="the name of a loaded module",
        shape=_DOTTED,
        prove=lambda value, _, prover: value if prover.module(value) else None,
        refuses=("dvora levinson", "305123456"),
    ),
    KindType(
        name="function",
        belongs="a function of a loaded module",
        shape=r"^[A-Za-z_<][A-Za-z0-9_.<>]{0,255}$",
        prove=_function,
        refuses=("dvora levinson", "305123456"),
    ),
    KindType(
        name="file",
        belongs="the file of a loaded module, as a path inside its package",
        handling="leaves as a path inside its package, if a loaded module comes from the file",
        shape=r"^[A-Za-z0-9_./<>-]{1,255}$",
        prove=lambda value, _, prover: prover.file(value),
        refuses=("dvora levinson.pdf",),
    ),
    KindType(
        name="name",
        belongs="a name that is whole in the program's source (such as a queue's) or in the configuration, or the name"
        " of a loaded function or class",
        handling="leaves if it is whole in the program's source, configured, or the name of a loaded function or class",
        shape=r"^[A-Za-z0-9_][A-Za-z0-9 _.:/@{}$<>#*-]{0,254}$",
        prove=prove_name,
        written=True,
        refuses=("dvora\nlevinson", ""),
    ),
    KindType(
        name="text",
        belongs="a text from the program's source, where it was made, or one of the policy's `messages`",
        handling="leaves if the program's source proves it: a constant in the statement that made it, or a message",
        shape=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]{0,4096}$",
        prove=lambda value, _, prover: prover.text(value),
        written=True,
        remembered=False,
        refuses=("dvora\x00levinson",),
    ),
    KindType(
        name="stacktrace",
        belongs="a stack trace, as type, file, line and function of each frame, without source lines",
        handling="leaves as type, file, line and function of each frame, with text only where the source proves it",
        shape=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]{0,65536}$",
        prove=lambda value, _, prover: prover.stacktrace(value),
        remembered=False,
        refuses=("dvora\x00levinson",),
    ),
)
