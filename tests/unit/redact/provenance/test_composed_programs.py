"""Whatever a program composes, what leaves is made of the program's own pieces, and never of a value."""

from __future__ import annotations

import ast
import importlib.util
import itertools
import re
import sys
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pazpaz_otel.redact import text

if TYPE_CHECKING:
    from pathlib import Path

_numbers = itertools.count()
_PIECE = st.sampled_from(["no slot for ", " at ", "100%% of ", "{{x}} ", "booked: ", "", " ", "-", "naïve Übung "])
_VALUE = st.text(min_size=0, max_size=30)
_HOLE = re.compile(r"\{(?:…|first|second|box\.third)\}")
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


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pieces=st.lists(_PIECE, min_size=1, max_size=4),
    compose=st.sampled_from([_f_string, _format, _percent, _sum, _join]),
    spec=st.sampled_from(["", "!r", ":>20", "!s:<3"]),
    values=st.tuples(_VALUE, _VALUE, _VALUE),
    swap=st.booleans(),
)
def test_what_leaves_is_a_sequence_of_the_programs_own_pieces(  # noqa: PLR0917
    tmp_path: Path, pieces: list[str], compose: Any, spec: str, values: tuple[str, str, str], swap: bool
) -> None:
    """For random forms, pieces and values, values that hold the pieces or equal a template included."""
    # What another test proved is no text of this program.
    text._proven.clear()
    if swap:
        values = ("no slot for {first} at {second}", " at ", "".join(pieces))
    expression = compose(pieces, spec)
    name = f"composed_{next(_numbers)}"
    file = tmp_path / f"{name}.py"
    file.write_text(
        "import sys\nfrom pazpaz_otel.redact.text import judge\n"
        "from pazpaz_otel.redact.provenance.places import Running\n"
        "def run(first, second, box):\n"
        f"    return judge({expression}, Running(sys._getframe(0)))\n",
        encoding="utf-8",
    )
    spec_of = importlib.util.spec_from_file_location(name, file)
    assert spec_of is not None
    assert spec_of.loader is not None
    module = importlib.util.module_from_spec(spec_of)
    sys.modules[name] = module
    try:
        spec_of.loader.exec_module(module)
        left = module.run(values[0], values[1], type("Box", (), {"third": values[2]})()).text
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
