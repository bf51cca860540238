"""YAML, read and written by libyaml where PyYAML has it: ten times as fast, and the same.

Some builds of PyYAML lack it.
"""

from __future__ import annotations

from typing import Any, Final

import yaml

LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Reads what is data, and nothing that makes objects."""


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - the base class's signature
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def load(text: str | bytes) -> Any:
    """Return what a document holds."""
    return yaml.load(text, LOADER)  # noqa: S506 - a safe loader


def dump(*documents: Any) -> str:
    """Return documents as a person would write them: keys in their order, a text of several lines as a block."""
    return yaml.dump_all(documents, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)
