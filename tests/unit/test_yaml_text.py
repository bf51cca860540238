"""YAML is the same with libyaml and without."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

import pytest
import yaml

from pazpaz_otel import yaml_text

if TYPE_CHECKING:
    from types import ModuleType

DOCUMENT = {
    "z first": ["כהן", "a: b", "- c", "", " padded ", "it's", '"quoted"', "#no", "1", "yes", "null", "2026-11-27"],
    "block": "two lines\nof a text\n",
    "unclean block": "ends without one \n  and is indented",
    "long": "word " * 4000,
    "numbers": [1, 1.5, True, None, -0.0],
    "nested": {"empty": [], "none": {}, "deep": [{"a": [{"b": "c"}]}]},
}


@pytest.fixture
def without_libyaml(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module as it is where PyYAML was built without libyaml."""
    for name in ("CSafeLoader", "CSafeDumper"):
        monkeypatch.delattr(yaml, name, raising=False)
    spec = importlib.util.spec_from_file_location("without_libyaml", yaml_text.__file__)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_text_is_the_same_without_libyaml(without_libyaml: ModuleType) -> None:
    """What is generated doesn't depend on how PyYAML was built, and says what it was made of."""
    shared = ["both"]
    documents = DOCUMENT, {"one": shared, "other": shared}
    text = yaml_text.dump(*documents)
    assert without_libyaml.dump(*documents) == text
    assert "&" not in text
    assert without_libyaml.load(yaml_text.dump(DOCUMENT)) == yaml_text.load(yaml_text.dump(DOCUMENT)) == DOCUMENT
