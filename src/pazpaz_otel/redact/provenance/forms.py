"""Forms of text: literal pieces of the program's source, with holes where values were.

What leaves is a form's template, which consists of source text only. Matching a text against a form only decides
whether the template describes it; nothing is taken from the text itself.
"""

from __future__ import annotations

import re
import string
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence

UNNAMED: Final = "…"
HOLE: Final = f"{{{UNNAMED}}}"
"""How a template shows a value without a name."""
MAX_TEXT: Final = 1 << 20
"""The maximum length of a text that can match a form."""

MESSAGE_SPACES: Final = 2
"""How many spaces make a value look like a message."""

_WORD: Final = re.compile(r"[^\W\d_]{2}")
_NAME: Final = r"[^\W\d]\w*(?:\.[^\W\d]\w*)*"
_LABEL: Final = re.compile(rf"{_NAME}|type\({_NAME}\)\.__(?:qual)?name__")
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


class Handed(NamedTuple):
    """What may be filled into the holes of a form.

    Attributes:
        labels: the label of each hole that a caller may have filled.
        messages: those whose name says that they hold a message, or the name of a class.
        constants: texts that are proven in any hole.
        is_named: whether all of `messages` hold names of classes.
    """

    labels: tuple[str | None, ...]
    messages: frozenset[str]
    constants: frozenset[str]
    is_named: bool


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
        handed: what a caller may have filled in, from `handing.handed_to`.

    Attributes:
        template: the text that may leave.
        handed: the argument.
        literals: the text around the holes: one item more than there are holes, with adjacent holes counted as one.
        weight: the amount of literal text.
        min_spaces: how many spaces a text has at least if a message may be filled in.
        is_given: whether the template is from the source.
        is_worded: whether the literal text contains a word; punctuation alone would match anything.
    """

    __slots__ = (
        "_first",
        "_inner",
        "_last",
        "handed",
        "is_given",
        "is_worded",
        "literals",
        "min_spaces",
        "template",
        "weight",
    )

    def __init__(
        self, parts: Sequence[Piece | Hole], template: str | None = None, handed: Handed | None = None
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
        self.is_worded = any(map(has_word, literals))
        is_any = handed is not None and (handed.messages or handed.constants)
        self.min_spaces = 0 if is_any or not self.is_worded else "".join(literals).count(" ") + MESSAGE_SPACES
        self._first, *inner = literals
        self._last = inner.pop() if inner else None
        self._inner = tuple(inner)

    def is_within(self, text: str) -> bool:
        """Return whether some part of `text` matches this form."""
        position = 0
        for literal in self.literals:
            found = text.find(literal, position) if len(text) <= MAX_TEXT else -1
            if found < 0:
                return False
            position = found + len(literal)
        return True

    def holding(self, inner: Form, hole: int, template: str, handed: Handed | None = None) -> Form:
        """Return this form with another one in a hole, which leaves as `template`."""
        literals = [*self.literals[:hole], self.literals[hole] + inner.literals[0], *inner.literals[1:]]
        literals[-1] += self.literals[hole + 1]
        parts = [part for text in (*literals, *self.literals[hole + 2 :]) for part in (Piece(text, text), Hole())]
        return Form(parts[:-1], template, handed)

    def divide(self, text: str) -> tuple[list[str], bool]:
        """Return the values in a matching text, each as short as possible, and whether others are possible."""
        rest, found, is_ambiguous = text[len(self._first) : len(text) - len(self._last or "")], [], False
        for literal in self._inner:
            value, _, rest = rest.partition(literal)
            found.append(value)
            is_ambiguous = is_ambiguous or literal in rest
        found.append(rest)
        return found, is_ambiguous

    def matches(self, text: str) -> bool:
        """Return whether all of `text` matches this form."""
        last = self._last
        if last is None:
            return text == self._first
        # The leftmost place for each literal leaves the most room for the next, so one pass is enough.
        position, end = len(self._first), len(text) - len(last)
        if position > end or end > MAX_TEXT or not (text.startswith(self._first) and text.endswith(last)):
            return False
        for literal in self._inner:
            found = text.find(literal, position, end)
            if found < 0:
                return False
            position = found + len(literal)
        return True


def has_word(text: str) -> bool:
    """Return whether `text` contains two letters in a row."""
    return _WORD.search(text) is not None


def labelled(name: str | None) -> Hole:
    """Return a hole named `name` if that is a plain dotted name or that of a value's class, else an unnamed one."""
    return Hole(name) if name and _LABEL.fullmatch(name) else Hole()


def percent_parts(template: str, positional: Sequence[Hole], named: Mapping[str, Hole]) -> Parts | None:
    """Return the parts of a `%` template.

    Args:
        template: the text left of the operator.
        positional: the holes of the operands, as far as they are known.
        named: the holes of a mapping's operands.

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
            parts.append(named.get(field["key"]) or labelled(field["key"]))
            continue
        index += (field["width"] == "*") + (field["precision"] == "*")
        parts.append(positional[index] if index < len(positional) else Hole())
        index += 1
    rest = template[position:]
    if "%" in rest or "%" in "".join(part.text for part in parts if isinstance(part, Piece) and part.text != "%"):
        return None
    return _with_holes([*parts, Piece(rest, template)])


def brace_parts(template: str, positional: Sequence[Hole], named: Mapping[str, Hole]) -> Parts | None:
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
                base = positional[number] if 0 <= number < len(positional) else Hole()
            elif head in named:
                base = named[head]
            else:
                base, rest = labelled(field), ""
            parts.append(labelled(base.label + rest) if rest and base.label != UNNAMED else base)
    except ValueError:
        return None
    return _with_holes(parts)


def dollar_parts(template: str, named: Mapping[str, Hole]) -> Parts | None:
    """Return the parts of a `string.Template`; like `percent_parts`."""
    parts: list[Piece | Hole] = []
    position = 0
    for field in string.Template.pattern.finditer(template):
        parts.append(Piece(template[position : field.start()], template))
        position = field.end()
        name = field["named"] or field["braced"]
        if name is not None:
            parts.append(named.get(name) or labelled(name))
        elif field["escaped"] is not None:
            parts.append(Piece("$", template))
        else:
            return None
    return _with_holes([*parts, Piece(template[position:], template)])


def templates_in(text: str) -> list[Parts]:
    """Return the forms of a literal that other code fills in, such as a logger or a library."""
    splitters = [split for sign, split in (("%", percent_parts), ("{", brace_parts)) if sign in text and has_word(text)]
    return [parts for split in splitters if (parts := split(text, (), {})) is not None]


def _field(field: str) -> tuple[str, str]:
    cut = min((at for at in (field.find("."), field.find("[")) if at >= 0), default=len(field))
    return field[:cut], field[cut:]


def _with_holes(parts: Iterable[Piece | Hole]) -> Parts | None:
    made = tuple(part for part in parts if isinstance(part, Hole) or part.text)
    return made if any(isinstance(part, Hole) for part in made) else None
