"""Writes every file that is generated and committed: `python -m scripts.generate [--check] [--only NAME]`.

Exit code 0: written, or with --check nothing is stale; 1: something is stale.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from monitoring.render import artefacts
from pazpaz_otel.cli.output import update
from pazpaz_otel.compile import collector, typescript
from pazpaz_otel.policy import load_policy, shipped
from scripts import kinds, reference, stack_settings
from scripts.kubernetes import files as kubernetes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ROOT = Path(__file__).parents[1]


def _shipped() -> Mapping[str, str]:
    return {f"src/pazpaz_otel/policy/{shipped.TABLE}": shipped.table()}


def _collector() -> Mapping[str, str]:
    return {f"collector/{name}": text for name, text in collector.render(load_policy()).items()}


def _typescript() -> Mapping[str, str]:
    return {"frontend/package/src/policy.gen.ts": typescript.render(load_policy())}


def _monitoring() -> Mapping[str, str]:
    return {f"monitoring/{name}": text for name, text in artefacts().items()}


def _kubernetes() -> Mapping[str, str]:
    return {f"deploy/kubernetes/{name}": text for name, text in kubernetes.render(load_policy()).items()}


def _reference() -> Mapping[str, str]:
    return {
        ".env.example": stack_settings.env_example(),
        "examples/application.env": reference.env_example(),
        "docs/operations.md": stack_settings.operations_page(),
        **{f"docs/reference/{name}.md": text for name, text in reference.pages().items()},
    }


def _kinds() -> Mapping[str, str]:
    return {
        "src/pazpaz_otel/policy/schema.json": kinds.published_schema(),
        "docs/policy.md": kinds.policy_page(),
        "tests/vectors/kinds.yaml": kinds.vectors(),
    }


GENERATORS: dict[str, Callable[[], Mapping[str, str]]] = {
    "shipped": _shipped,
    "kinds": _kinds,
    "collector": _collector,
    "typescript": _typescript,
    "monitoring": _monitoring,
    "kubernetes": _kubernetes,
    "docs": _reference,
}
"""What there is to generate: name → function that gives paths, below the repository, and texts."""


def main(arguments: list[str] | None = None) -> int:
    """Write what is stale, or with --check say so."""
    parser = argparse.ArgumentParser(prog="python -m scripts.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    parser.add_argument("--only", choices=GENERATORS, help="one of them")
    options = parser.parse_args(arguments)
    stale = []
    for name in [options.only] if options.only else GENERATORS:
        texts = {ROOT / path: text for path, text in GENERATORS[name]().items()}
        stale += update(texts, check=options.check)
    for file in stale:
        sys.stdout.write(f"{'stale' if options.check else 'written'}: {Path(file).relative_to(ROOT)}\n")
    return int(options.check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
