"""An exception, its causes and its group as Sentry's interface, made from the live objects.

Types are those of loaded classes, values those that their `raise` proves, frames those of loaded modules. See
https://develop.sentry.dev/sdk/data-model/event-payloads/exception/.
"""

from __future__ import annotations

import site
import sys
import sysconfig
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.enforce import text
from pazpaz_otel.enforce.text import PLACEHOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType, FrameType, TracebackType

MAX_EXCEPTIONS: Final = 30
MAX_FRAMES: Final = 100
UNKNOWN_FUNCTION: Final = "<unknown>"

_FOREIGN: Final = tuple(
    {path for key, path in sysconfig.get_paths().items() if key in {"stdlib", "platstdlib", "purelib", "platlib"}}
    | set(site.getsitepackages())
    | {site.getusersitepackages()}
)


def chain(exc: BaseException, mechanism: dict[str, Any]) -> list[dict[str, Any]]:
    """The exceptions that belong to `exc`, in Sentry's order: `exc` itself is the last.

    Args:
        exc: the exception that was captured.
        mechanism: `type` and `handled` of its capture, already judged.
    """
    made: list[dict[str, Any]] = []
    for exc_id, (found, source, parent) in enumerate(_walk(exc)):
        how = dict(mechanism) if exc_id == 0 else {"type": "chained", "handled": mechanism.get("handled", True)}
        how["exception_id"] = exc_id
        if source is not None:
            how |= {"source": source, "parent_id": parent}
        if isinstance(found, BaseExceptionGroup):
            how["is_exception_group"] = True
        made.append(_exception(found, how))
    return made[::-1]


def type_of(exc: BaseException) -> tuple[str, str]:
    """Module and qualified name of the nearest class that can be found under its own name in a loaded module."""
    return class_name(type(exc))


def class_name(cls: type) -> tuple[str, str]:
    """As `type_of`, for a class."""
    for candidate in cls.__mro__:
        module, name = candidate.__module__, candidate.__qualname__
        if _is_loaded(candidate, module, name):
            return module, name
    return "builtins", "Exception"


def is_ignored(exc: BaseException, names: frozenset[str]) -> bool:
    """Is the exception of a class, or a group of none but such, that the policy never sends."""
    if isinstance(exc, BaseExceptionGroup):
        return all(is_ignored(member, names) for member in exc.exceptions)
    return any(cls.__name__ in names for cls in type(exc).__mro__)


def frames(places: Iterator[tuple[FrameType, int]] | list[tuple[FrameType, int]]) -> list[dict[str, Any]]:
    """Sentry's frames of (frame, line) pairs, the outermost first; the middle of a very deep stack is left out."""
    kept = list(places)
    if len(kept) > MAX_FRAMES:
        kept = kept[: MAX_FRAMES // 2] + kept[-MAX_FRAMES // 2 :]
    return [_frame(frame, line) for frame, line in kept]


def stack(frame: FrameType | None) -> Iterator[tuple[FrameType, int]]:
    """The (frame, line) pairs of a running stack, the outermost first."""
    found = []
    while frame is not None:
        found.append((frame, frame.f_lineno))
        frame = frame.f_back
    return reversed(found)


def _walk(root: BaseException) -> Iterator[tuple[BaseException, str | None, int]]:
    """The exceptions as (exception, how its parent holds it, the parent's number), parents first."""
    queue: list[tuple[BaseException, str | None, int]] = [(root, None, 0)]
    seen: set[int] = set()
    number = 0
    while queue and number < MAX_EXCEPTIONS:
        exc, source, parent = queue.pop(0)
        if id(exc) in seen:
            continue
        seen.add(id(exc))
        yield exc, source, parent
        if exc.__cause__ is not None:
            queue.append((exc.__cause__, "__cause__", number))
        elif exc.__context__ is not None and not exc.__suppress_context__:
            queue.append((exc.__context__, "__context__", number))
        if isinstance(exc, BaseExceptionGroup):
            queue.extend((member, f"exceptions[{i}]", number) for i, member in enumerate(exc.exceptions))
        number += 1


def _exception(exc: BaseException, mechanism: dict[str, Any]) -> dict[str, Any]:
    module, name = type_of(exc)
    made: dict[str, Any] = {"type": name, "value": _value(exc), "mechanism": mechanism}
    if module != "builtins":
        made["module"] = module
    found = frames(_traceback(exc.__traceback__))
    if found:
        made["stacktrace"] = {"frames": found}
    return made


def _value(exc: BaseException) -> str:
    if not exc.args and not str(exc):
        return ""
    return text.prove_raise(exc) or PLACEHOLDER


def _traceback(entry: TracebackType | None) -> Iterator[tuple[FrameType, int]]:
    while entry is not None:
        yield entry.tb_frame, entry.tb_lineno or entry.tb_frame.f_code.co_firstlineno
        entry = entry.tb_next


def _frame(frame: FrameType, line: int) -> dict[str, Any]:
    code = frame.f_code
    made: dict[str, Any] = {"function": UNKNOWN_FUNCTION, "lineno": line, "in_app": False}
    name = frame.f_globals.get("__name__")
    module = sys.modules.get(name) if type(name) is str else None
    if module is None or vars(module) is not frame.f_globals:
        return made
    path = PurePath(code.co_filename)
    made["module"] = name
    made["filename"] = _relative(str(name), path)
    made["in_app"] = _is_own(code.co_filename)
    if not _is_generated(code, module):
        made["function"] = getattr(code, "co_qualname", code.co_name)
    return made


def _is_generated(code: CodeType, module: Any) -> bool:
    """Code that isn't from the module's file may have any name: it may have been made from data."""
    source = getattr(module, "__file__", None)
    if code.co_filename.startswith("<") or not isinstance(source, str):
        return not code.co_filename.startswith("<frozen ")
    return PurePath(source).with_suffix("") != PurePath(code.co_filename).with_suffix("")


def _relative(module: str, path: PurePath) -> str:
    parts = module.split(".")
    if path.name == "__init__.py":
        return "/".join([*parts, "__init__.py"])
    return "/".join(parts) + ".py"


def _is_own(filename: str) -> bool:
    if filename.startswith("<"):
        return False
    return not filename.startswith(_FOREIGN) and "site-packages" not in filename and "dist-packages" not in filename


def _is_loaded(cls: type, module: object, qualname: object) -> bool:
    if type(module) is not str or type(qualname) is not str:
        return False
    found: Any = sys.modules.get(module)
    if found is None:
        return False
    parts = qualname.split(".")
    if "<locals>" in parts:
        # A class made inside a function can't be looked up; that function's source holds its name.
        return _is_local(found, cls, parts)
    for part in parts:
        found = vars(found).get(part) if hasattr(found, "__dict__") else None
    return found is cls


def _is_local(module: Any, cls: type, parts: list[str]) -> bool:
    outer: Any = module
    for part in parts[: parts.index("<locals>")]:
        outer = getattr(outer, "__dict__", {}).get(part)
    code = getattr(getattr(outer, "__wrapped__", outer), "__code__", None)
    return code is not None and any(
        constant.co_name == cls.__name__ and parts[-1] == cls.__name__
        for constant in _codes(code)
    )


def _codes(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if hasattr(constant, "co_consts"):
            yield constant
            yield from _codes(constant)
