"""Writes every file that is generated and committed: `python -m scripts.generate [--check] [--only NAME]`.

Exit code 0: written, or with --check nothing is stale; 1: something is stale.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from monitoring.render import artefacts
from pazpaz_otel.compile import collector, typescript
from pazpaz_otel.policy import load_policy, shipped
from scripts import attributes, kinds, reference, stack_settings, vocabulary
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
        "docs/reference/settings.md": reference.settings_page(),
        "docs/reference/metrics.md": reference.metrics_page(),
        "docs/reference/attributes.md": attributes.attributes_page(),
        "docs/reference/vocabulary.md": vocabulary.vocabulary_page(),
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
    stale = 0
    for name in [options.only] if options.only else GENERATORS:
        for path, text in GENERATORS[name]().items():
            file = ROOT / path
            if file.is_file() and file.read_text(encoding="utf-8") == text:
                continue
            stale += 1
            sys.stdout.write(f"{'stale' if options.check else 'written'}: {path}\n")
            if not options.check:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
    return 1 if options.check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
