"""Install a wrapper in place of a target, and remove it again."""

from __future__ import annotations

import contextlib
import functools
import importlib
import sys
import types
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel import forks
from pazpaz_otel.errors import PatchError
from pazpaz_otel.patches.subclasses import family, follow, unfollow
from pazpaz_otel.patches.table import PATCHES, Patch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Around = Callable[[Any], Any]

_BY_NAME: Final = {patch.name: patch for patch in PATCHES}
_ABSENT: Final = object()


def _new(cls: type, *_: Any, **__: Any) -> Any:
    return object.__new__(cls)


# Importing a module while a patch is being installed may install another.
_lock = forks.reentrant_lock()
_places: dict[tuple[int, str], _Place] = {}
_waiting: dict[str, Around] = {}
_hooked: set[str] = set()


@dataclass
class _Place:
    """A replaced attribute, and every wrapper around it, innermost first."""

    owner: Any
    attribute: str
    original: Any
    """The value in the owner's own namespace, or `_ABSENT` if it was inherited."""
    layers: list[tuple[str, Around]] = field(default_factory=list)
    ours: Any = None

    def build(self) -> None:
        """Restore the original, then wrap it with each layer in order."""
        if self.original is _ABSENT:
            if self.attribute in vars(self.owner):
                delattr(self.owner, self.attribute)
            if self.attribute == "__new__":
                # Once a class has had a `__new__`, CPython passes the arguments to `object.__new__`, which rejects
                # them.
                self.owner.__new__ = _new
        else:
            setattr(self.owner, self.attribute, self.original)
        for _, around in self.layers:
            self.wrap(around)

    def wrap(self, around: Around) -> None:
        """Wrap the current value."""
        # Look it up as a call would: another library may have put a descriptor there that needs binding to know its
        # class.
        current = getattr(self.owner, self.attribute)
        made = around(current)
        if isinstance(made, types.FunctionType) and callable(current) and not hasattr(made, "__wrapped__"):
            functools.update_wrapper(made, current)
            if isinstance(self.owner, types.ModuleType):
                # `os._exit` says that it is of `posix`, where pickle would find the original.
                made.__module__, made.__qualname__ = self.owner.__name__, self.attribute
        setattr(self.owner, self.attribute, made)
        self.ours = vars(self.owner)[self.attribute]


def install(name: str, around: Around, also: Iterable[type] = ()) -> bool:
    """Replace the target of a patch in the table.

    Args:
        name: the patch's name.
        around: returns the replacement for the value it is given.
        also: for a patch of subclasses, classes that take the place of one without being one.

    Returns:
        Whether it was replaced now: False if the patch is already installed, if the target's library isn't imported
        yet (the replacement then follows the import), or if an optional target has moved.

    Raises:
        PatchError: a target has moved without which nothing would be guarded.
        KeyError: the table has no such patch.
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
        for cls in family(owner).union(also):
            if patch.path[-1] in vars(cls):
                replace(patch, cls, around)
        return True


def is_installed(name: str) -> bool:
    """Return whether a patch's target is replaced."""
    with _lock:
        return any(layer == name for place in _places.values() for layer, _ in place.layers)


def uninstall(*names: str) -> list[str]:
    """Restore the originals.

    Args:
        names: names of patches; all if there are none.

    Returns:
        The targets that couldn't be restored because other code has wrapped them since.
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
    """Restore on exit whatever was installed in between; for tests."""
    with _lock:
        before = {name for place in _places.values() for name, _ in place.layers} | set(_waiting)
    try:
        yield
    finally:
        added = {name for place in _places.values() for name, _ in place.layers} | set(_waiting)
        if added - before:
            uninstall(*(added - before))


def owner_of(patch: Patch) -> Any:
    """Return the module or class whose attribute a patch replaces, or None if it doesn't exist."""
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
    """Replace a patch's attribute in one owner; return False if it already is."""
    attribute = patch.path[-1]
    place = _places.get((id(owner), attribute))
    if place is not None and any(name == patch.name for name, _ in place.layers):
        return False
    current = owner.__dict__.get(attribute, _ABSENT)
    if place is None:
        place = _places[id(owner), attribute] = _Place(owner, attribute, current)
    elif current is not place.ours:
        # Other code wrapped ours: from here on, that wrapper counts as the original.
        place = _places[id(owner), attribute] = _Place(owner, attribute, current, [])
    place.layers.append((patch.name, around))
    place.wrap(around)
    return True


def _wait(patch: Patch, around: Around) -> None:
    from wrapt import register_post_import_hook  # noqa: PLC0415 - only needed if a library isn't imported yet

    _waiting.setdefault(patch.name, around)
    if patch.name in _hooked:
        return
    _hooked.add(patch.name)

    def imported(_: Any) -> None:
        waiting = _waiting.pop(patch.name, None)
        if waiting is not None:
            install(patch.name, waiting)

    register_post_import_hook(imported, patch.module)
