"""Find the subclasses of a class, including those defined later, and their objects."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from pazpaz_otel.patches.table import Patch

_HOOK: Final = "__init_subclass__"

_following: dict[type, dict[str, tuple[str, Callable[[type], Any]]]] = {}
_original_hooks: dict[type, Any] = {}


def family(cls: type) -> set[type]:
    """Return the existing subclasses of a class, and theirs."""
    inner: set[type] = set(type.__subclasses__(cls))
    return inner.union(*map(family, inner))


def living(*kinds: type) -> list[Any]:
    """Return the existing objects of classes and their subclasses; each refers to its class."""
    # A server may have frozen what it loaded before it forks; what is frozen isn't searched. Python 3.12 starts with
    # some hundred frozen objects of its own: freezing everything with them, for ever, would keep the application's
    # finalizers from running and its open files from being written when it ends.
    frozen = gc.get_freeze_count()
    is_frozen = frozen > 0 and frozen > len(gc.get_objects())
    gc.unfreeze()
    found = gc.get_referrers(*kinds, *set().union(*map(family, kinds)))
    if is_frozen:
        gc.freeze()
    # Check the type: `isinstance` would ask an application's proxies what they stand for.
    return [thing for thing in found if issubclass(type(thing), kinds)]


def follow(base: type, patch: Patch, replace: Callable[[type], Any]) -> bool:
    """Replace a patch's attribute in each subclass that is defined from now on.

    Returns:
        False if the patch was already followed.
    """
    rows = _following.setdefault(base, {})
    if patch.name in rows:
        return False
    rows[patch.name] = patch.path[-1], replace
    if base not in _original_hooks:
        _original_hooks[base] = vars(base).get(_HOOK)
        setattr(base, _HOOK, _hook(base, _original_hooks[base]))
    return True


def unfollow(name: str) -> None:
    """Stop following a patch, and restore its base class."""
    for base, rows in list(_following.items()):
        rows.pop(name, None)
        if rows:
            continue
        del _following[base]
        before = _original_hooks.pop(base)
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
