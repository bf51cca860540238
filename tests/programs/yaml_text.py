"""YAML, read by libyaml where PyYAML has it: ten times as fast."""

from __future__ import annotations

from typing import Any, Final

import yaml

LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load(text: str | bytes) -> Any:
    """What a document of YAML holds."""
    return yaml.load(text, LOADER)
