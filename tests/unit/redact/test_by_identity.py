"""What is known of an object lasts as long as the object does, and can't be seen on it."""

from __future__ import annotations

import copy
import gc
import pickle
import weakref

import pytest
import yaml

from pazpaz_otel.redact.by_identity import ByIdentity


class ConflictError(Exception):
    """An error of the application; all of them are equal."""

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0


class SlottedError(Exception):
    """An error that can't be referenced weakly."""

    __slots__ = ("code",)


KINDS = [ValueError, OSError, ConflictError, SlottedError]


@pytest.mark.parametrize("kind", KINDS)
def test_a_value_belongs_to_one_object(kind: type[Exception]) -> None:
    """Also where others are equal to it; a later value takes the place of an earlier one."""
    known: ByIdentity[Exception, int] = ByIdentity()
    first, second = kind("taken"), kind("taken")
    known.keep(first, 1)
    known.keep(first, 2)
    assert known.get(first) == 2
    assert known.get(second) is None
    assert known.get(copy.copy(first)) is None


@pytest.mark.parametrize("kind", KINDS)
def test_a_value_ends_with_its_object(kind: type[Exception]) -> None:
    """The next object of the same address has none."""
    known: ByIdentity[Exception, int] = ByIdentity()
    for number in range(100):
        error = kind("taken")
        assert known.get(error) is None
        known.keep(error, number)


@pytest.mark.parametrize("kind", KINDS)
def test_an_object_is_as_it_was(kind: type[Exception]) -> None:
    """Its attributes, their changes, its copies and what is pickled."""
    error = kind("taken")
    error.add_note("by another booking")
    known: ByIdentity[Exception, int] = ByIdentity()
    known.keep(error, 1)
    error.note = "free at nine"  # type: ignore[attr-defined]
    held = {"__notes__": ["by another booking"], "note": "free at nine"}
    for same in (error, copy.copy(error), copy.deepcopy(error), pickle.loads(pickle.dumps(error))):
        assert vars(same) == held
    assert b"by_identity" not in pickle.dumps(error).replace(__name__.encode(), b"")


@pytest.mark.parametrize("kind", KINDS)
def test_an_objects_fields_are_a_plain_dictionary(kind: type[Exception]) -> None:
    """Dumpers choose by exact class, and refuse any other."""
    error = kind("taken")
    error.code = 23505  # type: ignore[attr-defined]
    ByIdentity[BaseException, int]().keep(error, 1)
    assert type(vars(error)) is dict
    assert yaml.safe_dump(vars(error)) == yaml.safe_dump({} if kind is SlottedError else {"code": 23505})


def test_fields_in_the_applications_hands_stay_the_errors_own() -> None:
    """What an application writes to the fields that it asked for before is the error's."""
    error = ValueError("lost")
    fields = vars(error)
    known: ByIdentity[BaseException, int] = ByIdentity()
    known.keep(error, 1)
    fields["retried"] = True
    assert error.retried  # type: ignore[attr-defined]
    assert known.get(error) == 1


def test_an_error_that_its_own_fields_hold_ends() -> None:
    """With those that come after it, whatever its traceback holds."""
    known: ByIdentity[BaseException, int] = ByIdentity()
    error = ValueError("lost")
    error.first = error  # type: ignore[attr-defined]
    error.held = held = ConflictError("taken")  # type: ignore[attr-defined]
    known.keep(error, 1)
    ended = weakref.ref(held)
    del error, held
    kept = [ValueError(number) for number in range(2000)]
    for other in kept:
        known.keep(other, 1)
    gc.collect()
    assert ended() is None
