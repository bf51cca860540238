"""Replacements are made once, stack, follow subclasses and imports, and leave no trace."""

from __future__ import annotations

import sys
import types
from typing import TYPE_CHECKING, Any

import pytest
import wrapt

from pazpaz_otel.errors import PatchError
from pazpaz_otel.patches import Patch, install, installing, is_installed, restored, uninstall, verify

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Base:
    def speak(self) -> str:
        return "base"

    @classmethod
    def made(cls) -> str:
        return cls.__name__


class _Child(_Base):
    pass


class _Loud(_Base):
    def speak(self) -> str:
        return "loud"


def _row(name: str, path: str, **options: Any) -> Patch:
    return Patch(name, f"{__name__}:{path}", "why", "missing", "https://example.org", "until", **options)


ROWS = (
    _row("speak", "_Base.speak"),
    _row("speak.again", "_Base.speak"),
    _row("child", "_Child.speak"),
    _row("child.too", "_Child.speak", inherited=True),
    _row("made", "_Base.made"),
    _row("all", "_Base.speak", subclasses=True),
    Patch("gone", "pytest:Config.whisper", "w", "m", "https://example.org", "u"),
    Patch("needed", "pytest:Config.whisper", "w", "m", "https://example.org", "u", required=True),
    Patch("later", "pazpaz_otel_made_later:word", "w", "m", "https://example.org", "u"),
)


@pytest.fixture(autouse=True)
def _table(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(sys.modules, __name__, sys.modules.get(__name__) or types.ModuleType(__name__))
    for name in ("_Base", "_Child", "_Loud"):
        monkeypatch.setattr(sys.modules[__name__], name, globals()[name], raising=False)
    for row in ROWS:
        monkeypatch.setitem(installing._BY_NAME, row.name, row)
    yield
    uninstall(*(row.name for row in ROWS))


def _saying(word: str) -> Any:
    return lambda original: lambda self: f"{word} {original(self)}"


def test_a_row_is_installed_once() -> None:
    """A second installation changes nothing and says so."""
    assert install("speak", _saying("a"))
    assert not install("speak", _saying("b"))
    assert _Base().speak() == "a base"


def test_rows_of_one_target_stack_and_come_off_in_any_order() -> None:
    """Two rooms wrap one method; either can be taken away."""
    original = _Base.__dict__["speak"]
    install("speak", _saying("a"))
    install("speak.again", _saying("b"))
    assert _Base().speak() == "b a base"
    assert uninstall("speak") == []
    assert _Base().speak() == "b base"
    assert uninstall("speak.again") == []
    assert _Base.__dict__["speak"] is original


def test_an_inherited_method_is_replaced_only_where_the_row_says_so() -> None:
    """A class without the method is left alone, or gets its own, which uninstalling removes."""
    assert not install("child", _saying("a"))
    assert install("child.too", _saying("a"))
    assert (_Child().speak(), _Base().speak()) == ("a base", "base")
    uninstall("child.too")
    assert "speak" not in vars(_Child)


def test_a_class_method_comes_back_as_it_was() -> None:
    """What is restored is the very object that stood in the class."""
    original = _Base.__dict__["made"]
    install("made", lambda _: classmethod(lambda cls: "ours"))
    assert _Child.made() == "ours"
    uninstall("made")
    assert _Base.__dict__["made"] is original


def test_a_descriptor_of_another_library_is_called_as_it_was() -> None:
    """What wrapt put in a class is given its instance through our wrapper, and comes back as it was."""
    seen = []

    def theirs(wrapped: Any, instance: Any, args: Any, kwargs: Any) -> str:
        seen.append(instance)
        return f"theirs {wrapped(*args, **kwargs)}"

    before = _Base.__dict__["speak"]
    wrapt.wrap_function_wrapper(_Base, "speak", theirs)
    try:
        install("speak", _saying("a"))
        spoken = _Base()
        assert spoken.speak() == "a theirs base"
        assert seen == [spoken]
    finally:
        uninstall("speak")
        _Base.speak = before


def test_subclasses_are_followed() -> None:
    """Subclasses with a method of their own are wrapped, those made later, too; the base's own isn't."""
    install("all", _saying("a"))

    class Later(_Loud):
        def speak(self) -> str:
            return "later"

    assert (_Base().speak(), _Loud().speak(), Later().speak()) == ("base", "a loud", "a later")
    uninstall("all")
    assert (_Loud().speak(), Later().speak()) == ("loud", "later")
    assert "__init_subclass__" not in vars(_Base)


def test_a_moved_target_closes_where_it_is_needed() -> None:
    """An optional row is left out; a row that the guards need raises, naming target and distribution."""
    assert not install("gone", _saying("a"))
    with pytest.raises(PatchError, match="whisper isn't there in this release of pytest"):
        install("needed", _saying("a"))


def test_a_library_may_come_later(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row of a library that isn't imported takes effect with its import."""
    (tmp_path / "pazpaz_otel_made_later.py").write_text("def word():\n    return 'late'\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert not install("later", lambda original: lambda: f"a {original()}")
    import pazpaz_otel_made_later as later

    assert later.word() == "a late"
    assert is_installed("later")
    uninstall("later")
    assert later.word() == "late"


def test_what_others_wrapped_since_stays() -> None:
    """A target that somebody else has wrapped isn't torn off; uninstalling names it."""
    install("speak", _saying("a"))
    ours = _Base.speak
    _Base.speak = lambda self: f"theirs {ours(self)}"
    try:
        assert uninstall("speak") == ["_Base.speak"]
        assert _Base().speak() == "theirs a base"
    finally:
        _Base.speak = ours
        uninstall("speak")


def test_a_test_leaves_nothing_behind() -> None:
    """What is installed inside `restored()` is gone after it, what was there before stays."""
    install("speak", _saying("a"))
    with restored():
        install("speak.again", _saying("b"))
        assert _Base().speak() == "b a base"
    assert _Base().speak() == "a base"


def test_verify_names_what_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    """The operator is told the target and the release that moved it."""
    monkeypatch.setattr("pazpaz_otel.patches.verifying.PATCHES", ROWS)
    states = {state.patch.name: state for state in verify()}
    assert states["gone"].state == "moved"
    assert "whisper (pytest " in str(states["gone"])
    assert states["speak"].state == "there"


def test_verify_finds_no_fault_in_what_is_for_a_library_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """FastAPI's instrumentation is always there, FastAPI and gunicorn aren't."""
    monkeypatch.delitem(sys.modules, "opentelemetry.instrumentation.fastapi", raising=False)
    for library in ("fastapi", "gunicorn"):
        for name in [known for known in sys.modules if known.partition(".")[0] == library]:
            monkeypatch.delitem(sys.modules, name)
        monkeypatch.setitem(sys.modules, library, None)
    states = {state.patch.name: state.state for state in verify()}
    assert states["fastapi.route.lookup"] == states["gunicorn.signals"] == "absent"
    assert "moved" not in states.values()
