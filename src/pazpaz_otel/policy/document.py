"""A YAML document that knows on which line each of its values stands."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import yaml

from pazpaz_otel.errors import PolicyError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jsonschema import Draft202012Validator

MAXIMUM_SIZE = 1_048_576
"""The most characters that a policy file may have."""


class Document:
    """A parsed policy file.

    Args:
        text: the file's text.
        file: its name, for messages.
        shipped: the package's own file, whose fit the tests prove: a process that reads no other needn't hold the
            four megabytes that a validator takes.

    Raises:
        PolicyError: the text isn't YAML, repeats a key, or doesn't fit the published JSON Schema.
    """

    def __init__(self, text: str, file: str, *, shipped: bool = False) -> None:
        self.file = file
        self._lines: dict[tuple[str | int, ...], int] = {}
        if len(text) > MAXIMUM_SIZE:
            raise PolicyError(f"the file is larger than {MAXIMUM_SIZE} characters", file=file, cure="split it")
        self.data = self._parse(text)
        if not shipped:
            self.validate()

    def line(self, path: Iterable[str | int]) -> int | None:
        """The line on which the value at `path` starts, or that of its nearest parent."""
        steps = tuple(path)
        while steps and steps not in self._lines:
            steps = steps[:-1]
        return self._lines.get(steps)

    def _parse(self, text: str) -> dict[str, Any]:
        try:
            node = yaml.compose(text, Loader=yaml.SafeLoader)
            data = yaml.safe_load(text)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else None
            raise PolicyError(f"not YAML: {error.problem}", file=self.file, line=line) from None
        except (yaml.YAMLError, ValueError) as error:
            raise PolicyError(f"not YAML: {type(error).__name__}", file=self.file) from None
        if node is not None:
            self._index(node, (), set())
        if not isinstance(data, dict):
            raise PolicyError("a policy is a mapping", file=self.file, line=1, cure="start it with `version: 1`")
        return data

    def _index(self, node: yaml.Node, path: tuple[str | int, ...], open_nodes: set[int]) -> None:
        if id(node) in open_nodes:
            raise PolicyError("an anchor that holds itself", file=self.file, line=node.start_mark.line + 1)
        self._lines[path] = node.start_mark.line + 1
        inner = open_nodes | {id(node)}
        if isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, value in node.value:
                name = str(getattr(key, "value", ""))
                if name in seen:
                    raise PolicyError(f"`{name}` stands twice", file=self.file, line=key.start_mark.line + 1)
                seen.add(name)
                self._index(value, (*path, name), inner)
                self._lines[(*path, name)] = key.start_mark.line + 1
        elif isinstance(node, yaml.SequenceNode):
            for index, value in enumerate(node.value):
                self._index(value, (*path, index), inner)

    def validate(self) -> None:
        """Holds the data against the published JSON Schema.

        Raises:
            PolicyError: it doesn't fit.
        """
        from jsonschema.exceptions import best_match  # noqa: PLC0415 - only where there is something to check

        error = best_match(_validator().iter_errors(self.data))
        if error is None:
            return
        path = [step if isinstance(step, int) else str(step) for step in error.absolute_path]
        if error.validator == "additionalProperties" and isinstance(error.instance, dict):
            path += [key for key in error.instance if key not in error.schema.get("properties", {})][:1]
        where = ".".join(str(step) for step in path) or "the policy"
        raise PolicyError(
            f"{where}: {_problem(error)}", file=self.file, line=self.line(path), cure=_cure(error.validator)
        )


def _problem(error: Any) -> str:
    return {
        "additionalProperties": "an entry that a policy doesn't have here",
        "enum": f"not one of {', '.join(map(str, error.validator_value)) if error.validator == 'enum' else ''}",
        "oneOf": "not a kind",
    }.get(str(error.validator), str(error.message))[:600]


def _cure(validator: object) -> str:
    return {
        "oneOf": "a kind's name, {enum: [a, b]} or {number: [least, greatest]}",
        "enum": "see the list of kinds in docs/policy.md",
    }.get(str(validator), "docs/policy.md describes the format; schema.json defines it")


@lru_cache(maxsize=1)
def _validator() -> Draft202012Validator:
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - only where there is something to check

    schema = json.loads(files("pazpaz_otel.policy").joinpath("schema.json").read_text(encoding="utf-8"))
    return Draft202012Validator(schema)
