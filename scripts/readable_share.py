"""Count the messages of a program that would leave readable: `python -m scripts.readable_share FOLDER…`.

Every `raise` of a call, every call of a logger's method and every `HTTPException` counts once. It is readable if its
source has a text that `pazpaz_otel` would follow: a literal, a composition with a word of its own, an exception that is
being handled, or a text of the exception's own class. Nothing is imported or run, so what only the running process
proves counts as lost. Tests and migrations are left out.
"""

from __future__ import annotations

import argparse
import ast
import sys
from collections import Counter
from pathlib import Path
from typing import Final

from pazpaz_otel.redact.provenance.bindings import bindings_of
from pazpaz_otel.redact.provenance.following import Follower
from pazpaz_otel.redact.provenance.forms import has_word
from pazpaz_otel.redact.provenance.mentions import texts_in
from pazpaz_otel.redact.provenance.places import Texts

_METHODS: Final = frozenset({"debug", "info", "warning", "warn", "error", "exception", "critical", "log"})
_LEFT_OUT: Final = frozenset({"tests", "test", "testing", "alembic", "migrations", "versions", "docs", "examples"})
_FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef)
_MOST_BASES: Final = 4
Site = tuple[str, bool, str]


class Sources:
    """The modules of one program.

    Args:
        folder: where they are.
    """

    def __init__(self, folder: Path) -> None:
        self.trees: dict[Path, ast.Module] = {}
        self._classes: dict[str, ast.ClassDef] = {}
        for path in sorted(folder.rglob("*.py")):
            inside = path.relative_to(folder)
            if _LEFT_OUT.isdisjoint(inside.parts) and not path.name.startswith(("test_", "conftest")):
                try:
                    self.trees[inside] = ast.parse(path.read_text(encoding="utf-8"))
                except (SyntaxError, ValueError):
                    continue
        for tree in self.trees.values():
            self._classes |= {node.name: node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}

    def class_tells(self, name: str, depth: int = _MOST_BASES) -> bool:
        """Return whether a class, or one that it is derived from, holds a text beside its docstring."""
        cls = self._classes.get(name)
        if cls is None or depth <= 0:
            return False
        documented = {id(node.value) for node in ast.walk(cls) if isinstance(node, ast.Expr)}
        for node in ast.walk(cls):
            told = node.value if isinstance(node, ast.Constant) and id(node) not in documented else None
            if type(told) is str and " " in told and has_word(told):
                return True
        return any(self.class_tells(_last(base), depth - 1) for base in cls.bases)


class _Reader(ast.NodeVisitor):
    """Finds the sites of one module."""

    def __init__(self, sources: Sources, path: Path, tree: ast.Module) -> None:
        self.sites: list[Site] = []
        self._sources = sources
        self._path = path
        self._module = {name: values for name, values in bindings_of(tree).items() if values}
        self._local: dict[str, tuple[ast.expr, ...]] = {}
        self._handled: list[str] = []

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        before = self._local
        self._local = {**before, **bindings_of(node)}
        self.generic_visit(node)
        self._local = before

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self.visit_FunctionDef(node)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        self._handled.append(node.name or "")
        self.generic_visit(node)
        self._handled.pop()

    def visit_Raise(self, node: ast.Raise) -> None:
        if isinstance(node.exc, ast.Call):
            name, given = _last(node.exc.func), [*node.exc.args, *(item.value for item in node.exc.keywords)]
            is_http = "HTTPException" in name
            if is_http:
                given = [item.value for item in node.exc.keywords if item.arg == "detail"] + node.exc.args[1:2]
            told = not given or self._tells(given) or self._sources.class_tells(name)
            self._keep("HTTPException" if is_http else "raise", node, told=told)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        func = node.func
        if isinstance(func, ast.Attribute) and func.attr in _METHODS and "log" in ast.unparse(func.value).lower():
            given = node.args[1:2] if func.attr == "log" else node.args[:1]
            if given:
                self._keep("log", node, told=self._tells(given))
        self.generic_visit(node)

    def _tells(self, given: list[ast.expr]) -> bool:
        follower = Follower(None, {**self._module, **self._local})
        texts = Texts(texts_in(given, follower))
        if texts.forms or any(map(has_word, texts.literals)):
            return True
        names = {inner.id for node in given for inner in ast.walk(node) if isinstance(inner, ast.Name)}
        return not names.isdisjoint(filter(None, self._handled))

    def _keep(self, kind: str, node: ast.expr | ast.stmt, *, told: bool) -> None:
        self.sites.append((kind, told, f"{self._path}:{node.lineno}: {ast.unparse(node)[:120]}"))


def sites_of(folder: Path) -> list[Site]:
    """Return the kind of each site, whether it is readable, and where it is."""
    sources = Sources(folder)
    found: list[Site] = []
    for path, tree in sources.trees.items():
        reader = _Reader(sources, path, tree)
        reader.visit(tree)
        found += reader.sites
    return found


def _last(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def main(arguments: list[str] | None = None) -> int:
    """Print the share of each folder and of all."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--lost", type=int, default=0, metavar="N", help="show so many of what is lost")
    options = parser.parse_args(arguments)
    total: Counter[tuple[str, bool]] = Counter()
    for folder in options.folders:
        sites = sites_of(folder)
        counted = Counter((kind, told) for kind, told, _ in sites)
        total += counted
        lost = [f"  {kind} {place}\n" for kind, told, place in sites if not told]
        sys.stdout.writelines([f"{folder}: {_shown(counted)}\n", *lost[: options.lost]])
    sys.stdout.write(f"all: {_shown(total)}\n")
    return 0


def _shown(counted: Counter[tuple[str, bool]]) -> str:
    parts = [_share(kind, counted[kind, True], counted[kind, False]) for kind in ("raise", "log", "HTTPException")]
    told = sum(count for (_, is_told), count in counted.items() if is_told)
    return ", ".join([*parts, _share("together", told, sum(counted.values()) - told)])


def _share(name: str, told: int, lost: int) -> str:
    return f"{name} {told} of {told + lost} ({100 * told / max(1, told + lost):.1f} %)"


if __name__ == "__main__":
    sys.exit(main())
