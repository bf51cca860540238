"""The structure of the package: arrows one way, one responsibility a file, one reader of the environment."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pazpaz_otel

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "pazpaz_otel"
MODULES = {file: file.read_text(encoding="utf-8") for file in sorted(PACKAGE.rglob("*.py"))}
NO_VERBS = {"A", "An", "Does", "How", "Is", "That", "The", "What", "Where", "Whether", "Which", "Who"}
ENVIRONMENT = {"environ", "getenv", "environb"}
NAMELESS = {"utils", "util", "helpers", "helper", "common", "misc"}


def identify(file: Path) -> str:
    return str(file.relative_to(ROOT))


def test_imports_point_one_way():
    """`import-linter` keeps the rooms apart, and the policy free of OpenTelemetry."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout[-2000:]


def test_a_file_has_one_responsibility():
    """No file is longer than 300 lines or named after nothing, and each says what it is for."""
    wrong = [
        identify(file)
        for file, text in MODULES.items()
        if len(text.splitlines()) > 300 or file.stem in NAMELESS or len(ast.get_docstring(ast.parse(text)) or "") <= 10
    ]
    assert wrong == []


def test_only_the_settings_read_the_environment():
    """No module but `settings` touches `os.environ` or `os.getenv`."""
    wrong = [
        f"{identify(file)}:{node.lineno}"
        for file, text in MODULES.items()
        if file.name != "settings.py"
        for node in ast.walk(ast.parse(text))
        if (isinstance(node, ast.Attribute) and node.attr in ENVIRONMENT)
        or (isinstance(node, ast.Name) and node.id in ENVIRONMENT)
    ]
    assert wrong == []


def test_a_function_is_described_by_what_it_does():
    """A function's docstring begins with a verb in the imperative; a property's may name what it holds."""
    wrong = [
        f"{identify(file)}:{node.lineno}: {first}"
        for file, text in MODULES.items()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        for first in (ast.get_docstring(node) or "").split()[:1]
        if first in NO_VERBS and not any("property" in ast.unparse(decorator) for decorator in node.decorator_list)
    ]
    assert wrong == []


def test_the_public_names_are_those_that_are_listed():
    """What `pazpaz_otel` shows is its `__all__`, sorted."""
    assert pazpaz_otel.__all__ == sorted(pazpaz_otel.__all__)
    assert all(hasattr(pazpaz_otel, name) for name in pazpaz_otel.__all__)


def test_every_test_states_its_promise():
    """Each test's docstring says what it keeps."""
    missing = [
        f"{identify(file)}:{node.lineno}"
        for file in sorted((ROOT / "tests").rglob("test_*.py"))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and node.name.startswith("test_")
        and not ast.get_docstring(node)
    ]
    assert missing == []
