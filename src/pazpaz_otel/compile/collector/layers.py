"""The configuration layers that are the same for every policy, from `layers.yaml`."""

from __future__ import annotations

import copy
from functools import lru_cache
from importlib.resources import files
from typing import Any

from pazpaz_otel import yaml_text


def layer(name: str) -> dict[str, Any]:
    """Return a new copy of a layer.

    Args:
        name: its name in the file: `base`, `exporters`, `nginx`, `logs`, `sentry` or `debug`.
    """
    return copy.deepcopy(_layers()[name])


@lru_cache(maxsize=1)
def _layers() -> dict[str, dict[str, Any]]:
    return dict(yaml_text.load(files(__package__).joinpath("layers.yaml").read_text(encoding="utf-8")))
