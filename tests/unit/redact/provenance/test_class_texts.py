# ruff: noqa: N818 - names of the domain, as applications have them
"""The texts of an exception's class are proven if its methods use them, and aren't if data picks one of them."""

from __future__ import annotations

import operator
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import pytest

from pazpaz_otel.redact.exceptions import view

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


NUMBERS = {"f32": 32}


class ByName(Exception):
    """Takes its text by a name that it was given."""

    f32 = "seen for low mood"
    f40 = "seen for fears"

    def __init__(self, code: str) -> None:
        self.stay = {"f32": 32, "f40": 40}[code]
        super().__init__(getattr(self, code))


class Printed(Exception):
    """Prints one of its texts."""

    f32 = "printed for low mood"
    f40 = "printed for fears"

    def __str__(self) -> str:
        return str(vars(type(self))[self.args[0]])


class ByMethod(Exception):
    """Has a method for each text."""

    def __init__(self, code: str) -> None:
        super().__init__(getattr(self, f"of_{code}")())

    def of_f32(self) -> str:
        """Return the one."""
        return "told for low mood"

    def of_f40(self) -> str:
        """Return the other."""
        return "told for fears"


class Plain(Exception):
    """Leaves it to who raises it."""

    f32 = "left for low mood"
    f40 = "left for fears"


class Composed(Exception):
    """Composes one of its texts."""

    f32 = "{who} composed for low mood"
    f40 = "{who} composed for fears"

    def __init__(self, code: str) -> None:
        super().__init__(getattr(self, code).format(who=code))


class Found(Exception):
    """Goes through a table."""

    def __init__(self, code: str) -> None:
        for key, text in (("f32", "found for low mood"), ("f40", "found for fears")):
            if key == code:
                super().__init__(text)


class Listed(Exception):
    """Has a table of its own."""

    def __init__(self, code: str) -> None:
        texts = {"f32": "listed for low mood", "f40": "listed for fears"}
        super().__init__(texts[code])


class Kept(Exception):
    """Keeps its table in an attribute, and one of its attributes in another."""

    f40 = "kept for fears"

    def __init__(self, code: str) -> None:
        self.texts = {"f32": "kept for low mood"}
        super().__init__(self.texts[code] if code == "f32" else {"f40": self.f40}[code])


class Stored(Exception):
    """Fills its table."""

    def __init__(self, code: str) -> None:
        texts = dict(f32="stored for low mood")  # noqa: C408 - another form of a table
        texts["f40"] = "stored for fears"
        super().__init__(texts[code])


class Annotated(Exception):
    """Takes an item out of its table."""

    def __init__(self, code: str) -> None:
        texts: Any = {"f32": "taken for low mood", "f40": "taken for fears"}
        super().__init__(texts.pop(code))


class Filled(Exception):
    """Fills its table in several ways."""

    def __init__(self, code: str) -> None:
        texts: dict[str, str] = {}
        texts.update(f32="filled for low mood")
        texts |= {"f40": "filled for fears"}
        super().__init__(operator.itemgetter(code)(texts))


class Appended(Exception):
    """Numbers its texts in one method, and picks one in another."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.texts: list[str] = []
        self.texts.append("appended for low mood")
        self.texts.append("appended for fears")

    def __str__(self) -> str:
        return self.texts[self.code == "f40"]


class Assigned(Exception):
    """Has its texts in attributes of its own."""

    def __init__(self, code: str) -> None:
        self.f32 = "assigned for low mood"
        setattr(self, "f40", "assigned for fears")  # noqa: B010 - another form of it
        super().__init__(getattr(self, code))


class Local(Exception):
    """Has its texts in variables."""

    def __init__(self, code: str) -> None:
        f32, f40 = "local for low mood", "local for fears"
        assert f32 != f40
        super().__init__(locals()[code])


class Typed(Exception):
    """Has its texts in a table of another type, and goes through it under another name."""

    def __init__(self, code: str) -> None:
        texts = defaultdict(str, f32="typed for low mood", f40="typed for fears")
        items = texts.items()
        super().__init__(next(text for key, text in items if key == code))


class Used(Exception):
    """Uses its texts by their names as well."""

    f32 = "used for low mood"
    f40 = "used for fears"

    def __init__(self, code: str) -> None:
        super().__init__(vars(type(self))[code])

    def all(self) -> str:
        """Return both."""
        return self.f32 + self.f40


class Sliced(Exception):
    """Cuts its text out of several."""

    f32 = "sliced for low mood"
    f40 = "sliced for fears"

    def __init__(self, code: str) -> None:
        at = int(code == "f40")
        super().__init__("".join([self.f32, self.f40][at : at + 1]))


class Templated(Exception):
    """Fills its texts into a template that data makes."""

    f32 = "filled in for low mood"
    f40 = "filled in for fears"

    def __init__(self, code: str) -> None:
        super().__init__(f"{{{code}}}".format(f32=self.f32, f40=self.f40))


class Handed(Exception):
    """Hands its texts to a method that picks one."""

    f32 = "handed for low mood"
    f40 = "handed for fears"

    def __init__(self, code: str) -> None:
        super().__init__(self._one_of(code == "f40", self.f32, self.f40))

    def _one_of(self, at: bool, *texts: str) -> str:
        return texts[at]


class Yielded(Exception):
    """Goes through what a method yields."""

    def __init__(self, code: str) -> None:
        super().__init__("".join(text for key, text in self._rows() if key == code))

    def _rows(self) -> Iterator[tuple[str, str]]:
        yield "f32", "yielded for low mood"
        yield "f40", "yielded for fears"


class Repeated(Exception):
    """Repeats the one once, and the other never."""

    def __init__(self, code: str) -> None:
        super().__init__("repeated for low mood" * (code == "f32") + "repeated for fears" * (code == "f40"))


class Matched(Exception):
    """Takes its table apart."""

    def __init__(self, code: str) -> None:
        match [code, "matched for low mood", "matched for fears"]:
            case ["f32", text, _] | ["f40", _, text]:
                super().__init__(text)


class Grown(Exception):
    """Adds to its table."""

    def __init__(self, code: str) -> None:
        texts = ["grown for low mood"]
        texts += ["grown for fears"]
        super().__init__(texts[code == "f40"])


class Reduced(Exception):
    """Takes one of its texts away before it joins them."""

    def __init__(self, code: str) -> None:
        self.texts = ["reduced for low mood", "reduced for fears"]
        self.texts.pop(code == "f32")

    def __str__(self) -> str:
        return "; ".join(self.texts)


class Sifted(Exception):
    """Joins those of its texts that fit."""

    def __init__(self, code: str) -> None:
        self.texts = ["sifted for low mood", "sifted for fears"]
        self.texts = [text for text in self.texts if ("fears" in text) == (code == "f40")]

    def __str__(self) -> str:
        return "; ".join(self.texts)


class Replaced(Exception):
    """Writes its text in the place of the code."""

    def __init__(self, code: str) -> None:
        super().__init__(code.replace("f32", "replaced by low mood").replace("f40", "replaced by fears"))


class Pickled(Exception):
    """Says what it would be pickled with."""

    def __init__(self, code: str) -> None:
        super().__init__(self.__reduce__()[1][code == "f40"])

    def __reduce__(self) -> tuple[type, tuple[str, str]]:
        return type(self), ("pickled for low mood", "pickled for fears")


class Late(Exception):
    """Uses its texts by their names."""

    detail = "the visit is late"
    hint = "come another day"

    def __init__(self) -> None:
        super().__init__(self.detail)

    def __str__(self) -> str:
        return str(getattr(self, "hint", "")) if self.args == () else self.detail


class Later(Late):
    """Says something else under the same name."""

    detail = "the visit is later"


class Numbered(Exception):
    """Has a text beside what it looks up."""

    def __init__(self, code: str) -> None:
        self.status = NUMBERS[code]
        self.title = "the visit has a number"

    def __str__(self) -> str:
        return self.title


class Ended(Exception):
    """Is made by a method."""

    @classmethod
    def by_timer(cls) -> Ended:
        """Return an error."""
        return cls("the visit was ended")


@pytest.mark.parametrize(
    "make",
    [
        *(ByName, Printed, ByMethod, Composed, Found, Listed, Kept, Stored),
        *(Annotated, Filled, Appended, Assigned, Local, Typed, Used),
        *(Sliced, Templated, Handed, Yielded, Repeated, Matched, Grown),
        *(Reduced, Sifted, Replaced, Pickled),
        lambda code: Plain(getattr(Plain, code)),
    ],
    ids=lambda make: getattr(make, "__name__", "plain"),
)
@pytest.mark.parametrize("code", ["f32", "f40"])
def test_a_text_of_a_class_that_data_picks_is_not_proven(make: Callable[[str], Exception], code: str) -> None:
    """Whichever it is, it says what the data was."""
    error = make("".join(list(code)))
    with pytest.raises(type(error)) as caught:
        raise error
    said = view(caught.value).message or ""
    assert "mood" not in said
    assert "fears" not in said


def _end() -> None:
    raise Ended.by_timer()


def _be(error: type[Exception] | Exception) -> None:
    raise error


@pytest.mark.parametrize(
    ("fails", "text"),
    [
        (lambda: _be(Late), "the visit is late"),
        (lambda: _be(Later), "the visit is later"),
        (lambda: _be(Numbered("f32")), "the visit has a number"),
        (_end, "the visit was ended"),
    ],
    ids=["own", "inherited", "beside a table", "by its maker"],
)
def test_a_text_that_a_class_uses_by_its_name_is_proven(fails: Callable[[], None], text: str) -> None:
    """Its methods and those of its bases say which, or the statement that calls the method which makes it."""
    with pytest.raises((Late, Numbered, Ended)) as caught:
        fails()
    assert view(caught.value).message == text
