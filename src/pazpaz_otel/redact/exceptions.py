"""Guarded views of exceptions: types, frames, and messages only if the source proves them.

Source lines, variables, folders, and names of files outside loaded modules never leave.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pazpaz_otel.redact.containment import is_contained
from pazpaz_otel.redact.exception_text import judge_message
from pazpaz_otel.redact.messages import NO_MESSAGES, Messages
from pazpaz_otel.redact.printing import AskedOnce
from pazpaz_otel.redact.provenance.code_index import filename_of, is_loaded
from pazpaz_otel.redact.provenance.held import notes_in
from pazpaz_otel.redact.provenance.module_files import relative_path
from pazpaz_otel.redact.provenance.module_index import class_name, function_proven, line_proven
from pazpaz_otel.redact.provenance.places import Texts, raising
from pazpaz_otel.redact.stacktrace import CAUSE, CONTEXT, GROUP_HEAD, HEAD, UNKNOWN_FRAME, remember_trace
from pazpaz_otel.redact.text import PLACEHOLDER, exact

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import CodeType, FrameType, TracebackType

MAX_FRAMES: Final = 64
MAX_EXCEPTIONS: Final = 32
MAX_NOTES: Final = 8


class Frame(NamedTuple):
    """One frame of a traceback; all four fields are None if its code isn't a loaded module's."""

    module: str | None = None
    function: str | None = None
    file: str | None = None
    line: int | None = None


class ExceptionView(NamedTuple):
    """What may leave of an exception.

    Attributes:
        type: the qualified name of its class, or of the nearest base class with a proven name.
        message: None if there is none, `PLACEHOLDER` if it isn't proven.
        frames: outermost first, as in a traceback.
        notes: the proven notes.
        cause: the exception that it was raised from.
        context: the exception being handled when it was raised, unless suppressed.
        members: the exceptions in an exception group.
    """

    type: str
    message: str | None
    frames: tuple[Frame, ...] = ()
    notes: tuple[str, ...] = ()
    cause: ExceptionView | None = None
    context: ExceptionView | None = None
    members: tuple[ExceptionView, ...] = ()


def view(exc: BaseException, messages: Messages = NO_MESSAGES) -> ExceptionView:
    """Return a guarded view of `exc` with its causes, contexts and members; limited in size, never raises."""
    with AskedOnce():
        return _View(messages).of(exc)


def exception_in(exc_info: Any) -> BaseException | None:
    """Return the exception that an `exc_info` argument means: itself, one in a tuple, or the one being handled."""
    if isinstance(exc_info, tuple):
        exc_info = exc_info[1] if len(exc_info) > 1 else None
    elif exc_info and not isinstance(exc_info, BaseException):
        exc_info = sys.exc_info()[1]
    return exc_info if isinstance(exc_info, BaseException) else None


def render(seen: ExceptionView) -> str:
    """Return a stack trace in Python's usual format, without source lines."""
    return remember_trace("\n".join(_lines(seen)))


class _View:
    """View a tree of exceptions, each exception once."""

    def __init__(self, messages: Messages) -> None:
        self._messages = messages
        self._seen: set[int] = set()

    def of(self, exc: BaseException, group: TracebackType | None = None) -> ExceptionView:
        self._seen.add(id(exc))
        try:
            return self._of(exc, group)
        except BaseException as error:  # an exception that can't be inspected safely
            if not is_contained(error):
                raise
            return ExceptionView(_type(type(exc)), PLACEHOLDER)

    def _of(self, exc: BaseException, group: TracebackType | None) -> ExceptionView:
        raised = exc.__traceback__ or group
        members = exc.exceptions[:MAX_EXCEPTIONS] if isinstance(exc, BaseExceptionGroup) else ()
        return ExceptionView(
            type=_type(type(exc)),
            message=self._message(exc, group),
            frames=tuple(_frames(exc.__traceback__)),
            notes=tuple(self._notes(exc)),
            cause=self._next(exc.__cause__),
            context=None if exc.__cause__ is not None or exc.__suppress_context__ else self._next(exc.__context__),
            members=tuple(seen for member in members if (seen := self._next(member, raised)) is not None),
        )

    def _next(self, exc: BaseException | None, group: TracebackType | None = None) -> ExceptionView | None:
        if exc is not None and len(self._seen) == MAX_EXCEPTIONS - 1:
            # Leave out the middle of a long chain, never the root cause.
            exc = _root(exc)
        if exc is None or id(exc) in self._seen or len(self._seen) >= MAX_EXCEPTIONS:
            return None
        return self.of(exc, group)

    def _message(self, exc: BaseException, group: TracebackType | None) -> str | None:
        if not exc.args and type(exc).__str__ is BaseException.__str__:
            return None
        found = judge_message(exc, sys._getframe(1), self._messages, group=group).text  # noqa: SLF001
        return PLACEHOLDER if found is None else found

    def _notes(self, exc: BaseException) -> Iterator[str]:
        notes = getattr(exc, "__notes__", ())[:MAX_NOTES]
        texts = _noted(exc) if notes else None
        for note in filter(None, map(exact, notes)):
            shown = (texts.leaving(note) if texts is not None else None) or self._messages.match(note)
            if shown is not None:
                yield shown


def _root(exc: BaseException) -> BaseException:
    seen: set[int] = set()
    while id(exc) not in seen:
        seen.add(id(exc))
        context = None if exc.__suppress_context__ else exc.__context__
        following = exc.__cause__ if exc.__cause__ is not None else context
        exc = exc if following is None else following
    return exc


def _noted(exc: BaseException) -> Texts:
    """Return the notes that functions which the exception passed through may have added."""
    spots = raising(exc.__traceback__) if exc.__traceback__ else ()
    return Texts(parts for spot in spots for parts in notes_in(spot))


def _type(cls: type) -> str:
    return next((name for name in map(class_name, cls.__mro__) if name is not None), BaseException.__name__)


def _frames(traceback: TracebackType | None) -> Iterator[Frame]:
    entries = []
    while traceback is not None:
        entries.append(traceback)
        traceback = traceback.tb_next
    # The innermost frames are the most useful: keep them in an endless recursion.
    for entry in entries[-MAX_FRAMES:]:
        frame: FrameType = entry.tb_frame
        yield frame_of(frame.f_code, frame.f_globals, entry.tb_lineno)


def frame_of(code: CodeType, module: dict[str, Any], line: int) -> Frame:
    """Return what may leave of a frame."""
    name = module.get("__name__")
    filename = filename_of(code, module)
    file = relative_path(filename)
    # The globals must be the module's own: code that only claims a module's name proves nothing.
    if type(name) is not str or file is None or not is_loaded(module):
        return Frame()
    # Code can be created with a module's globals and file name: check its name and line against the source.
    if not (line_proven(line, filename) and function_proven(name, code.co_qualname)):
        return Frame()
    return Frame(name, code.co_qualname, file, line)


def _lines(seen: ExceptionView, depth: int = 0) -> Iterator[str]:
    """Yield the lines of a trace; `depth` is the number of enclosing groups, whose margin precedes each line."""
    for linked, sentence in ((seen.cause, CAUSE), (seen.context, CONTEXT)):
        if linked is not None:
            yield from _lines(linked, depth)
            yield from _in_margin(("", sentence, ""), depth)
    # Python draws a group's own margin even at the top level.
    inner = depth or (1 if seen.members else 0)
    if seen.frames:
        head = GROUP_HEAD if seen.members else HEAD
        yield f"  + {head}" if inner > depth else next(_in_margin((head,), inner))
    yield from _in_margin(map(_frame_line, seen.frames), inner)
    yield from _in_margin((seen.type if not seen.message else f"{seen.type}: {seen.message}", *seen.notes), inner)
    for number, member in enumerate(seen.members, 1):
        yield f"{'  ' * inner}{'+-' if number == 1 else '  '}+---------------- {number} ----------------"
        yield from _lines(member, inner + 1)
    if seen.members:
        yield f"{'  ' * (inner + 1)}+------------------------------------"


def _in_margin(lines: Iterable[str], depth: int) -> Iterator[str]:
    margin = f"{'  ' * depth}| " if depth else ""
    return (margin + line for line in lines)


def _frame_line(frame: Frame) -> str:
    if frame.file is None:
        return UNKNOWN_FRAME
    return f'  File "{frame.file}", line {frame.line}, in {frame.function}'
