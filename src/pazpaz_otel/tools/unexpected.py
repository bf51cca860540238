"""Say in one line that a file or an answer isn't what a command expects, whatever reading it raises."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import yaml

from pazpaz_otel import yaml_text
from pazpaz_otel.errors import PazPazOtelError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OTHER_SHAPE: Final = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What reading data of another shape raises."""


@contextmanager
def expecting(what: str, kind: type[PazPazOtelError] = SettingsError) -> Iterator[None]:
    """Raise an error of `kind` if what is read meanwhile has another shape.

    Args:
        what: whose answer is read; the answer itself isn't quoted.
        kind: the error's class.
    """
    try:
        yield
    except PazPazOtelError:
        raise
    except OTHER_SHAPE as error:
        hint = "is that its address, and no page or proxy in front of it?"
        raise kind(f"{what}: the answer isn't what its API documents ({type(error).__name__}); {hint}") from None


def read_mapping(path: Path) -> dict[Any, Any]:
    """Return the mapping in a YAML file.

    Raises:
        SettingsError: the file can't be read, or has something else.
    """
    try:
        source = yaml_text.load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path}: can't be read ({type(error).__name__})") from None
    # Bytes that are no text, a date that doesn't exist, a thousand brackets.
    except (yaml.YAMLError, ValueError, RecursionError):
        raise SettingsError(f"{path}: is not YAML") from None
    if not isinstance(source, dict):
        raise SettingsError(f"{path}: must be a mapping")
    return source
