"""Puts a wrapper in a target's place, and takes it away again."""

from __future__ import annotations

import contextlib
import functools
import importlib
import sys
import threading
import types
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.errors import PatchError
from pazpaz_otel.patches.subclasses import family, follow, unfollow
from pazpaz_otel.patches.table import PATCHES, Patch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Around = Callable[[Any], Any]

_BY_NAME: Final = {patch.name: patch for patch in PATCHES}
_ABSENT: Final = object()


def _new(cls: type, *_: Any, **__: Any) -> Any:
    return object.__new__(cls)


# A module that is imported while a patch is installed may install another.
_lock = threading.RLock()
_places: dict[tuple[int, str], _Place] = {}
_waiting: dict[str, Around] = {}
_hooked: set[str] = set()


@dataclass
class _Place:
    """An attribute that is replaced, and every wrapper around it, innermost first."""

    owner: Any
    attribute: str
    original: Any
    """What stood in the owner's own namespace; `_ABSENT` where it was inherited."""
    layers: list[tuple[str, Around]] = field(default_factory=list)
    ours: Any = None

    def build(self) -> None:
        """Put the original back, then wrap it in the order of the layers."""
        if self.original is _ABSENT:
            if self.attribute in vars(self.owner):
                delattr(self.owner, self.attribute)
            if self.attribute == "__new__":
                # Once a class has had one, CPython hands `object.__new__` the arguments, which it refuses.
                self.owner.__new__ = _new
        else:
            setattr(self.owner, self.attribute, self.original)
        for _, around in self.layers:
            self.wrap(around)

    def wrap(self, around: Around) -> None:
        """Wrap what stands there now."""
        # As a call finds it: what another library put there may be a descriptor that must be bound to know its class.
        current = getattr(self.owner, self.attribute)
        made = around(current)
        if isinstance(made, types.FunctionType) and callable(current) and not hasattr(made, "__wrapped__"):
            functools.update_wrapper(made, current)
        setattr(self.owner, self.attribute, made)
        self.ours = vars(self.owner)[self.attribute]


def install(name: str, around: Around) -> bool:
    """Replace the target of a row of the table.

    Args:
        name: the row's.
        around: makes the replacement of what stands there.

    Returns:
        Whether it was replaced now: false where this row is installed already, where the target's library isn't
        imported yet (the replacement then follows its import), and where an optional target has moved.

    Raises:
        PatchError: a target without which nothing is guarded has moved.
        KeyError: the table has no such row.
    """
    patch = _BY_NAME[name]
    with _lock:
        if patch.optional_library and patch.module not in sys.modules:
            _wait(patch, around)
            return False
        owner = owner_of(patch)
        if not _has(patch, owner):
            if patch.required:
                raise PatchError(f"{patch.target} isn't there in this release of {patch.distribution}")
            return False
        if not patch.subclasses:
            return replace(patch, owner, around)
        if not follow(owner, patch, lambda cls: replace(patch, cls, around)):
            return False
        for cls in family(owner):
            if patch.path[-1] in vars(cls):
                replace(patch, cls, around)
        return True


def is_installed(name: str) -> bool:
    """Return whether a row's target is replaced."""
    with _lock:
        return any(layer == name for place in _places.values() for layer, _ in place.layers)


def uninstall(*names: str) -> list[str]:
    """Put originals back.

    Args:
        names: rows of the table; by default, all.

    Returns:
        The targets that couldn't be put back, as other code has wrapped them since.
    """
    left = []
    with _lock:
        chosen = set(names) or set(_BY_NAME)
        for name in chosen:
            _waiting.pop(name, None)
            unfollow(name)
        for key, place in list(_places.items()):
            kept = [layer for layer in place.layers if layer[0] not in chosen]
            if len(kept) == len(place.layers):
                continue
            if place.owner.__dict__.get(place.attribute) is not place.ours:
                left.append(f"{getattr(place.owner, '__name__', place.owner)}.{place.attribute}")
                continue
            place.layers = kept
            place.build()
            if not kept:
                del _places[key]
    return left


@contextlib.contextmanager
def restored() -> Iterator[None]:
    """Put back, at the end, whatever was installed in between; for tests."""
    with _lock:
        before = {name for place in _places.values() for name, _ in place.layers} | set(_waiting)
    try:
        yield
    finally:
        added = {name for place in _places.values() for name, _ in place.layers} | set(_waiting)
        if added - before:
            uninstall(*(added - before))


def owner_of(patch: Patch) -> Any:
    """Return the module or class whose attribute a row replaces; None where it isn't there."""
    try:
        owner: Any = importlib.import_module(patch.module)
    except ImportError:
        return None
    for part in patch.path[:-1]:
        owner = getattr(owner, part, None)
    return owner


def _has(patch: Patch, owner: Any) -> bool:
    attribute = patch.path[-1]
    if patch.inherited or patch.subclasses:
        return owner is not None and hasattr(owner, attribute)
    return owner is not None and attribute in vars(owner)


def replace(patch: Patch, owner: Any, around: Around) -> bool:
    """Replace a row's attribute in one owner; false where it is already."""
    attribute = patch.path[-1]
    place = _places.get((id(owner), attribute))
    if place is not None and any(name == patch.name for name, _ in place.layers):
        return False
    current = owner.__dict__.get(attribute, _ABSENT)
    if place is None:
        place = _places[id(owner), attribute] = _Place(owner, attribute, current)
    elif current is not place.ours:
        # Other code wrapped ours: that wrapper stays, and counts as the original from here on.
        place = _places[id(owner), attribute] = _Place(owner, attribute, current, [])
    place.layers.append((patch.name, around))
    place.wrap(around)
    return True


def _wait(patch: Patch, around: Around) -> None:
    from wrapt import register_post_import_hook  # noqa: PLC0415 - only where a library is still to come

    _waiting.setdefault(patch.name, around)
    if patch.name in _hooked:
        return
    _hooked.add(patch.name)

    def imported(_: Any) -> None:
        waiting = _waiting.pop(patch.name, None)
        if waiting is not None:
            install(patch.name, waiting)

    register_post_import_hook(imported, patch.module)
