"""Whatever a program composes, what leaves is made of the program's own pieces, and never of a value."""

from __future__ import annotations

import ast
import importlib.util
import itertools
import re
import sys
import threading
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pazpaz_otel.redact import text

if TYPE_CHECKING:
    from pathlib import Path

_numbers = itertools.count()
_PIECE = st.sampled_from(["no slot for ", " at ", "100%% of ", "{{x}} ", "booked: ", "", " ", "-", "naïve Übung "])
_VALUE = st.text(min_size=0, max_size=30)
_HOLE = re.compile(r"\{(?:…|first|second|box\.third|message)\}")
_NAMES = ("first", "second", "box.third")


def _f_string(pieces: list[str], spec: str) -> str:
    holes = itertools.cycle(_NAMES)
    body = "".join(piece.replace("%%", "%") + "{" + next(holes) + spec + "}" for piece in pieces)
    return f'f"{body}"'


def _format(pieces: list[str], _: str) -> str:
    return f'"{"{}".join(p.replace("%%", "%") for p in [*pieces, ""])}".format({", ".join(_arguments(pieces))})'


def _percent(pieces: list[str], _: str) -> str:
    body = "%s".join(p.replace("{{", "{").replace("}}", "}") for p in [*pieces, ""])
    return f'"{body}" % ({", ".join(_arguments(pieces))},)'


def _sum(pieces: list[str], _: str) -> str:
    plain = [p.replace("{{", "{").replace("}}", "}").replace("%%", "%") for p in pieces]
    return " + ".join(f'"{piece}" + {name}' for piece, name in zip(plain, _arguments(pieces), strict=True))


def _join(pieces: list[str], _: str) -> str:
    return f'", ".join([{", ".join(_arguments(pieces))}, "and more"])'


def _arguments(pieces: list[str]) -> list[str]:
    holes = itertools.cycle(_NAMES)
    return [next(holes) for _ in pieces]


_HANDED = (
    """\
def tell(message, first):
    return judge({outer}, Running(sys._getframe(0)))
def run(first, second, box):
    return tell({inner}, first)
""",
    """\
class Own(Exception):
    def __init__(self, message, first):
        super().__init__({outer})
def run(first, second, box):
    try:
        raise Own({inner}, first)
    except Own as error:
        return judge_message(error)
""",
    """\
def run(first, second, box):
    told, _ = {inner}, 1
    return judge(told, Running(sys._getframe(0)))
""",
    """\
class Settings:
    notice: str = "a notice of the house"
SETTINGS = Settings()
def run(first, second, box):
    SETTINGS.notice = first
    return judge(SETTINGS.notice, Running(sys._getframe(0)))
""",
    """\
def run(first, second, box):
    told = {inner}
    told += first
    return judge(told, Running(sys._getframe(0)))
""",
    """\
def run(first, second, box):
    lines = [{inner}]
    lines.append(second)
    return judge("; ".join(lines), Running(sys._getframe(0)))
""",
    """\
def told(first, second, box):
    return {inner}
def run(first, second, box):
    message = {inner}
    return judge("and so " + told(first, second, box) + f" at last {{message}}", Running(sys._getframe(0)))
""",
    """\
class Own(Exception):
    TEXTS = {{"late": "no slot for anybody", "full": "booked: all of it"}}
    def __init__(self, kind, first):
        super().__init__(self.TEXTS.get(kind, first))
def run(first, second, box):
    try:
        raise Own(first if box.third else "late", second)
    except Own as error:
        return judge_message(error)
""",
)
"""Programs in which a text goes through a function, constructor, tuple, setting, sum, list, composition or table."""

_OUTER = (
    'f"[{first}] {message}"',
    'f"told of {first}: {message}"',
    '"<%s> %s" % (first, message)',
    'first + ": " + message',
)
_SETTINGS = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@_SETTINGS
@given(
    pieces=st.lists(_PIECE, min_size=1, max_size=4),
    compose=st.sampled_from([_f_string, _format, _percent, _sum, _join]),
    spec=st.sampled_from(["", "!r", ":>20", "!s:<3"]),
    values=st.tuples(_VALUE, _VALUE, _VALUE),
    swap=st.booleans(),
)
@example(pieces=[""], compose=_f_string, spec="", values=(" ", "", ""), swap=False)
def test_what_leaves_is_a_sequence_of_the_programs_own_pieces(  # noqa: PLR0917
    tmp_path: Path, pieces: list[str], compose: Any, spec: str, values: tuple[str, str, str], swap: bool
) -> None:
    """For random forms, pieces and values, values that hold the pieces or equal a template included."""
    body = f"def run(first, second, box):\n    return judge({compose(pieces, spec)}, Running(sys._getframe(0)))\n"
    _check(tmp_path, body, _like_the_source(pieces) if swap else values)


@_SETTINGS
@given(
    program=st.sampled_from(_HANDED),
    outer=st.sampled_from(_OUTER),
    pieces=st.lists(_PIECE, min_size=1, max_size=3),
    compose=st.sampled_from([_f_string, _format, _percent, _sum, _join]),
    values=st.tuples(_VALUE, _VALUE, _VALUE),
    swap=st.booleans(),
)
def test_what_is_handed_on_leaves_in_pieces_of_the_program(  # noqa: PLR0917
    tmp_path: Path,
    program: str,
    outer: str,
    pieces: list[str],
    compose: Any,
    values: tuple[str, str, str],
    swap: bool,
) -> None:
    """For texts that go through functions, constructors, settings, tuples and lists."""
    body = program.format(outer=outer, inner=compose(pieces, ""))
    _check(tmp_path, body, _like_the_source(pieces) if swap else values)


def _like_the_source(pieces: list[str]) -> tuple[str, str, str]:
    # Not in a statement that calls the program: there a literal is proven.
    values = ("no slot for {first} at {second}", "told of {first}: {message}", "".join(pieces))
    return values[0], values[1], values[2]


def _check(tmp_path: Path, body: str, values: tuple[str, str, str]) -> None:
    # What another test proved is no text of this program.
    text._proven.clear()
    name = f"composed_{next(_numbers)}"
    file = tmp_path / f"{name}.py"
    file.write_text(
        "import sys\nfrom pazpaz_otel.redact.text import judge\n"
        "from pazpaz_otel.redact.exception_text import judge_message\n"
        f"from pazpaz_otel.redact.provenance.places import Running\n{body}",
        encoding="utf-8",
    )
    spec_of = importlib.util.spec_from_file_location(name, file)
    assert spec_of is not None
    assert spec_of.loader is not None
    module = importlib.util.module_from_spec(spec_of)
    sys.modules[name] = module
    try:
        spec_of.loader.exec_module(module)
        box = type("Box", (), {"third": values[2]})()
        judged: list[Any] = []
        # Not below the test's own callers: a constant of one of them, such as a blank, is proven, too.
        thread = threading.Thread(target=lambda: judged.append(module.run(values[0], values[1], box)))
        thread.start()
        thread.join()
        left = judged[0].text
    finally:
        del sys.modules[name]
    parts = [part for part in _HOLE.split(left or "") if part]
    assert all(_is_made_of(part, _texts(file.read_text(encoding="utf-8"))) for part in parts)


def _texts(source: str) -> set[str]:
    """The literal pieces of a program: its string constants, and what stands around the fields of templates."""
    constants = {
        node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant) and type(node.value) is str
    }
    pieces = {piece for text in constants for piece in (text, *re.split(r"%s|\{\}", text))}
    return pieces | {piece.replace("%%", "%").replace("{{", "{").replace("}}", "}") for piece in pieces}


def _is_made_of(part: str, texts: set[str]) -> bool:
    return not part or any(_is_made_of(part[len(text) :], texts) for text in texts if text and part.startswith(text))
