"""Follows the subclasses of a class, those that are made later included."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from pazpaz_otel.patches.table import Patch

_HOOK: Final = "__init_subclass__"

_following: dict[type, dict[str, tuple[str, Callable[[type], Any]]]] = {}
_before: dict[type, Any] = {}


def family(cls: type) -> set[type]:
    """Return the subclasses that a class has by now, and theirs."""
    inner: set[type] = set(type.__subclasses__(cls))
    return inner.union(*map(family, inner))


def follow(base: type, patch: Patch, replace: Callable[[type], Any]) -> bool:
    """Replace a row's attribute in each subclass that is made from now on.

    Returns:
        Whether the row is followed now; false where it was already.
    """
    rows = _following.setdefault(base, {})
    if patch.name in rows:
        return False
    rows[patch.name] = patch.path[-1], replace
    if base not in _before:
        _before[base] = vars(base).get(_HOOK)
        setattr(base, _HOOK, _hook(base, _before[base]))
    return True


def unfollow(name: str) -> None:
    """Follow a row no longer, and leave its base class as it was."""
    for base, rows in list(_following.items()):
        rows.pop(name, None)
        if rows:
            continue
        del _following[base]
        before = _before.pop(base)
        if before is None:
            delattr(base, _HOOK)
        else:
            setattr(base, _HOOK, before)


def _hook(base: type, before: Any) -> Any:
    def init_subclass(cls: Any, /, **kwargs: Any) -> None:
        if before is None:
            super(base, cls).__init_subclass__(**kwargs)  # type: ignore[arg-type]
        else:
            before.__func__(cls, **kwargs)
        for attribute, replace in list(_following.get(base, {}).values()):
            if attribute in vars(cls):
                replace(cls)

    return classmethod(init_subclass)
