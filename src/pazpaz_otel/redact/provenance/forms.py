"""Forms of text: literal pieces of the program's source, with holes where values were.

What leaves is a form's template, which consists of source text only. Matching a text against a form only decides
whether the template describes it; nothing is taken from the text itself.
"""

from __future__ import annotations

import re
import string
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence

UNNAMED: Final = "…"
MAX_TEXT: Final = 1 << 20
"""The maximum length of a text that can match a form."""

_WORD: Final = re.compile(r"[^\W\d_]{2}")
_DOTTED: Final = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
_PERCENT: Final = re.compile(
    r"%(?:\((?P<key>[^()%]*)\))?[#0\- +]*(?P<width>\*|\d+)?(?:\.(?P<precision>\*|\d+))?"
    r"[hlL]?(?P<kind>[diouxXeEfFgGcrsa%])"
)


class Piece(NamedTuple):
    """Literal text.

    Attributes:
        text: the literal text.
        constant: the constant in the source that it is part of, as the compiler may store it.
        checked: whether it was already compared with the compiled code.
    """

    text: str
    constant: str
    checked: bool = False


class Hole(NamedTuple):
    """The place of a value.

    Attributes:
        label: the value's expression if that is a plain dotted name, else `UNNAMED`.
    """

    label: str = UNNAMED


Parts = tuple[Piece | Hole, ...]


def compiled_into(parts: Parts, strings: Container[str]) -> bool:
    """Return whether each literal run of `parts` is in a code object's `strings`, by itself or in its constant.

    A source file that was edited after its import has texts that the running code doesn't have.
    """
    runs: list[list[Piece]] = [[]]
    for part in parts:
        if isinstance(part, Hole):
            runs.append([])
        elif part.text and not part.checked:
            runs[-1].append(part)
    return all(
        "".join(piece.text for piece in run) in strings
        or all(piece.constant in strings or piece.text in strings for piece in run)
        for run in runs
        if run
    )


class Form:
    """Parts that are prepared for matching.

    Args:
        parts: the pieces and holes.
        template: the template in the source, if a logger or a library fills it in.
        handed: the labels of holes that a caller may have filled, from `handing.handed_labels`.

    Attributes:
        template: the text that may leave.
        handed: the argument.
        literals: the text around the holes: one item more than there are holes, with adjacent holes counted as one.
        weight: the amount of literal text.
        is_given: whether the template is from the source.
    """

    __slots__ = ("handed", "is_given", "literals", "template", "weight")

    def __init__(
        self, parts: Sequence[Piece | Hole], template: str | None = None, handed: tuple[str | None, ...] = ()
    ) -> None:
        self.handed = handed
        self.template = template or "".join(
            part.text if isinstance(part, Piece) else f"{{{part.label}}}" for part in parts
        )
        self.is_given = template is not None
        literals = [""]
        open_hole = False
        for part in parts:
            if isinstance(part, Piece):
                literals[-1] += part.text
                open_hole = open_hole and not part.text
            elif not open_hole:
                literals.append("")
                open_hole = True
        self.literals = tuple(literals)
        self.weight = sum(map(len, literals))

    @property
    def is_worded(self) -> bool:
        """Whether the literal text contains a word; a form of punctuation alone would match anything."""
        return any(map(has_word, self.literals))

    def is_within(self, text: str) -> bool:
        """Return whether some part of `text` matches this form."""
        position = 0
        for literal in self.literals:
            found = text.find(literal, position) if len(text) <= MAX_TEXT else -1
            if found < 0:
                return False
            position = found + len(literal)
        return True

    def values(self, text: str) -> list[str]:
        """Return the values in the holes of a matching text; the shortest ones if that is ambiguous."""
        first, *inner = self.literals
        last = inner.pop()
        position, end, found = len(first), len(text) - len(last), []
        for literal in inner:
            at = text.find(literal, position, end)
            found.append(text[position:at])
            position = at + len(literal)
        return [*found, text[position:end]]

    def matches(self, text: str) -> bool:
        """Return whether all of `text` matches this form."""
        first, *inner = self.literals
        if not inner:
            return text == first
        last = inner.pop()
        end = len(text) - len(last)
        if len(first) > end or end > MAX_TEXT or not (text.startswith(first) and text.endswith(last)):
            return False
        # The leftmost place for each literal leaves the most room for the next, so one pass is enough.
        position = len(first)
        for literal in inner:
            found = text.find(literal, position, end)
            if found < 0:
                return False
            position = found + len(literal)
        return True


def has_word(text: str) -> bool:
    """Return whether `text` contains two letters in a row."""
    return _WORD.search(text) is not None


def labelled(name: str | None) -> Hole:
    """Return a hole named `name` if that is a plain dotted name, else an unnamed one."""
    return Hole(name) if name and _DOTTED.fullmatch(name) else Hole()


def percent_parts(template: str, positional: Sequence[str | None] | None, named: dict[str, str | None]) -> Parts | None:
    """Return the parts of a `%` template.

    Args:
        template: the text left of the operator.
        positional: the dotted names of the operands; None if they aren't known.
        named: the dotted names of a mapping's operands.

    Returns:
        None if the template has no field or is invalid.
    """
    parts: list[Piece | Hole] = []
    position = index = 0
    for field in _PERCENT.finditer(template):
        parts.append(Piece(template[position : field.start()], template))
        position = field.end()
        if field["kind"] == "%":
            parts.append(Piece("%", template))
            continue
        if field["key"] is not None:
            parts.append(labelled(named.get(field["key"], field["key"])))
            continue
        index += (field["width"] == "*") + (field["precision"] == "*")
        parts.append(labelled(positional[index] if positional and index < len(positional) else None))
        index += 1
    rest = template[position:]
    if "%" in rest or "%" in "".join(part.text for part in parts if isinstance(part, Piece) and part.text != "%"):
        return None
    return _with_holes([*parts, Piece(rest, template)])


def brace_parts(template: str, positional: Sequence[str | None] | None, named: dict[str, str | None]) -> Parts | None:
    """Return the parts of a `str.format` template; like `percent_parts`."""
    parts: list[Piece | Hole] = []
    index = 0
    try:
        for literal, field, _, _ in string.Formatter().parse(template):
            if literal:
                parts.append(Piece(literal, template))
            if field is None:
                continue
            head, rest = _field(field)
            if not head:
                head, index = str(index), index + 1
            if head.isdigit():
                number = int(head) if len(head) < 4 else -1  # noqa: PLR2004
                base = positional[number] if positional and 0 <= number < len(positional) else None
            else:
                base = named.get(head, head)
            parts.append(labelled(base + rest if base else None))
    except ValueError:
        return None
    return _with_holes(parts)


def dollar_parts(template: str, named: dict[str, str | None]) -> Parts | None:
    """Return the parts of a `string.Template`; like `percent_parts`."""
    parts: list[Piece | Hole] = []
    position = 0
    for field in string.Template.pattern.finditer(template):
        parts.append(Piece(template[position : field.start()], template))
        position = field.end()
        name = field["named"] or field["braced"]
        if name is not None:
            parts.append(labelled(named.get(name, name)))
        elif field["escaped"] is not None:
            parts.append(Piece("$", template))
        else:
            return None
    return _with_holes([*parts, Piece(template[position:], template)])


def _field(field: str) -> tuple[str, str]:
    cut = min((at for at in (field.find("."), field.find("[")) if at >= 0), default=len(field))
    return field[:cut], field[cut:]


def _with_holes(parts: Iterable[Piece | Hole]) -> Parts | None:
    made = tuple(part for part in parts if isinstance(part, Hole) or part.text)
    return made if any(isinstance(part, Hole) for part in made) else None
