"""The table of patches against the installed releases: says what moved when one moves."""

from __future__ import annotations

import pickle
import re
import types
from pathlib import Path
from typing import Any

import pytest

from pazpaz_otel import patches
from pazpaz_otel.patches.installing import owner_of

ROOT = Path(__file__).parents[3] / "src" / "pazpaz_otel"
STATES = {state.patch.name: state for state in patches.verify()}


@pytest.mark.parametrize("name", STATES)
def test_a_target_is_where_it_was(name: str) -> None:
    """Each replaced attribute exists in the installed release of its distribution."""
    found = STATES[name]
    if not found.release and found.patch.optional_library:
        assert found.state == "absent", str(found)
    else:
        assert found.state in {"there", "installed"}, str(found)


@pytest.mark.parametrize(
    ("name", "distribution"),
    [
        ("os.exit", "CPython"),
        ("observation.init", "opentelemetry-api"),
        ("exporter.span", "opentelemetry-sdk"),
        ("otlp.client", "opentelemetry-exporter-otlp-common"),
        ("otlp.transport", "opentelemetry-exporter-otlp-proto-http"),
        ("aiohttp_server.excluded_urls", "opentelemetry-instrumentation-aiohttp-server"),
        ("sentry.make_transport", "sentry-sdk"),
    ],
)
def test_a_target_tells_whose_release_may_move_it(name: str, distribution: str) -> None:
    """The operator is told the distribution that the target's module is in."""
    assert STATES[name].patch.distribution == distribution


def test_a_row_says_why_and_for_how_long() -> None:
    """Every row names its reason, the seam that is missing, where that is asked for, and when it can go."""
    for row in patches.PATCHES:
        assert all((row.why, row.missing, row.until)), row.name
        assert row.link.startswith("https://"), row.name
    assert len({row.name for row in patches.PATCHES}) == len(patches.PATCHES)


def test_nothing_is_replaced_beside_the_table() -> None:
    """No module assigns to an attribute of another package's class or module; a row of the table does it."""
    assigned = re.compile(r"^\s*([A-Z]\w+)\.(\w+) = ", re.MULTILINE)
    found = [
        f"{path.relative_to(ROOT)}: {match[1]}.{match[2]}"
        for path in ROOT.rglob("*.py")
        if "patches" not in path.parts
        for match in assigned.finditer(path.read_text(encoding="utf-8"))
        if f"class {match[1]}" not in path.read_text(encoding="utf-8")
    ]
    assert found == []


def test_every_row_is_used() -> None:
    """Each row's name stands in a room that installs it."""
    sources = "\n".join(path.read_text(encoding="utf-8") for path in ROOT.rglob("*.py") if "patches" not in path.parts)
    # A loop over siblings writes only their last or first part.
    unused = [
        row.name
        for row in patches.PATCHES
        if row.name not in sources and not all(part in sources for part in row.name.split("."))
    ]
    assert unused == []


def _is_pickled(patch: patches.Patch) -> bool:
    function = getattr(owner_of(patch), patch.path[-1], None)
    try:
        return pickle.loads(pickle.dumps(function)) is function
    except (AttributeError, pickle.PicklingError):
        return False


def _wrapped(original: Any) -> Any:
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return original(*args, **kwargs)

    return wrapper


def test_a_replaced_function_is_pickled_as_before() -> None:
    """A pool may be given any function, `os._exit` for one, by the name under which it is found."""
    functions = [row for row in patches.PATCHES if isinstance(owner_of(row), types.ModuleType)]
    before = {row.name for row in functions if _is_pickled(row)}
    with patches.restored():
        for row in functions:
            patches.install(row.name, _wrapped)
        after = {row.name for row in functions if _is_pickled(row)}
    assert "os.exit" in before
    assert before <= after
