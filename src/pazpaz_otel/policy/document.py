"""A parsed YAML document that remembers the line and the original text of each value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import yaml

from pazpaz_otel import yaml_text
from pazpaz_otel.errors import PolicyError
from pazpaz_otel.policy.fault import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pazpaz_otel.policy.fault import Path

MAXIMUM_SIZE: Final = 1_048_576
"""The maximum length of a policy file, in characters."""
_MAX_DEPTH: Final = 12
"""A policy has five levels."""
_MAX_NODES: Final = 100_000


class Document:
    """A parsed policy file.

    Raises:
        PolicyError: the text isn't YAML, or is too large or too deeply nested.
    """

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self._lines: dict[Path, int] = {}
        self._raw: dict[Path, str] = {}
        self.repeated: list[Fault] = []
        """Keys that occur twice in one mapping; YAML keeps the last."""
        if len(text) > MAXIMUM_SIZE:
            raise PolicyError(f"the file is larger than {MAXIMUM_SIZE} characters", file=file, hint="split it")
        self.data = self._parse(text)

    def line(self, path: Iterable[str | int]) -> int | None:
        """Return the line where the value at `path` starts, or that of its nearest parent."""
        steps = tuple(path)
        while steps and steps not in self._lines:
            steps = steps[:-1]
        return self._lines.get(steps)

    def raw(self, path: Iterable[str | int]) -> str | None:
        """Return the value's original text, or None for a mapping or list."""
        return self._raw.get(tuple(path))

    def raw_key(self, path: Path, key: object) -> str:
        """Return the original text of a key that YAML parsed as something other than text."""
        inner = (str(step[-1]) for step in self._lines if step and step[:-1] == path)
        return next((text for text in inner if _read(text) == key), str(key))

    def _parse(self, text: str) -> dict[str, Any]:
        try:
            self._bound(text)
            loader = yaml_text.LOADER(text)
            node = loader.get_single_node()
            if node is not None:
                self._index(node, ())
            data = loader.construct_document(node) if node is not None else None
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else None
            hint = "check this line and the one before it: indentation, brackets, quotes, the colon after a key"
            raise PolicyError(f"not YAML: {error.problem}", file=self.file, line=line, hint=hint) from None
        except (yaml.YAMLError, ValueError, TypeError) as error:
            if isinstance(error, PolicyError):
                raise
            raise PolicyError(f"not YAML: {type(error).__name__}", file=self.file) from None
        if not isinstance(data, dict):
            raise PolicyError("a policy must be a mapping", file=self.file, line=1, hint="start with `version: 1`")
        # A section whose entries are all commented out parses as None.
        return {key: value for key, value in data.items() if value is not None}

    def _bound(self, text: str) -> None:
        """Reject documents that are too deep or expand too far, before building any object."""
        depth = nodes = 0
        anchors: dict[str, int] = {}
        opened: list[tuple[str | None, int]] = []
        for event in yaml.parse(text, Loader=yaml_text.LOADER):
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                opened.append((event.anchor, nodes))
                nodes += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
                anchor, before = opened.pop()
                if anchor is not None:
                    anchors[anchor] = nodes - before
            elif isinstance(event, yaml.AliasEvent):
                if event.anchor not in anchors and any(anchor == event.anchor for anchor, _ in opened):
                    raise PolicyError("an anchor refers to itself", file=self.file, line=_line(event))
                nodes += anchors.get(str(event.anchor), 1)
            elif isinstance(event, yaml.ScalarEvent):
                nodes += 1
            if depth > _MAX_DEPTH or nodes > _MAX_NODES:
                what = f"more than {_MAX_DEPTH} levels" if depth > _MAX_DEPTH else f"more than {_MAX_NODES} values"
                raise PolicyError(what, file=self.file, line=_line(event), hint="a policy has five levels")

    def _index(self, node: yaml.Node, path: Path) -> None:
        self._lines[path] = node.start_mark.line + 1
        if isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, value in node.value:
                name = str(getattr(key, "value", ""))
                if name in seen:
                    self.repeated.append(Fault((*path, name), f"`{name}` occurs twice", "remove one of them"))
                seen.add(name)
                self._index(value, (*path, name))
                self._lines[(*path, name)] = key.start_mark.line + 1
        elif isinstance(node, yaml.SequenceNode):
            for index, value in enumerate(node.value):
                self._index(value, (*path, index))
        else:
            self._raw[path] = str(node.value)


def _line(event: yaml.Event) -> int | None:
    return event.start_mark.line + 1 if event.start_mark else None


def _read(text: str) -> object:
    try:
        return yaml_text.load(text)
    except yaml.YAMLError:
        return None
