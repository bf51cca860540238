"""Checks what was built: `python -m scripts.check_distribution dist [--tag vX.Y.Z] [--python-versions]`.

Exit code 0: a wheel and an sdist that can be released; 1: something is missing, too much, or named otherwise.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tarfile
import zipfile
from email.parser import Parser
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import Message

_TOP: str = "pazpaz_otel"
_WHEEL = ("py.typed", "policy/default.yaml", "policy/pazpaz.yaml", "policy/schema.json")
_SDIST = ("src/pazpaz_otel/__init__.py", "tests/conftest.py", "examples/practice_api/main.py", "requirements.lock")
_PYTHON = re.compile(r"Programming Language :: Python :: (3\.\d+)")


def main(arguments: list[str] | None = None) -> int:
    """Print what is wrong, or the Python versions that the wheel is for."""
    parser = argparse.ArgumentParser(prog="python -m scripts.check_distribution", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tag", help="the release's tag, `v` and the version")
    parser.add_argument("--python-versions", action="store_true", help="print them as JSON, for a CI matrix")
    options = parser.parse_args(arguments)
    [wheel] = options.folder.glob("*.whl")
    [sdist] = options.folder.glob("*.tar.gz")
    metadata = _metadata(wheel)
    if options.python_versions:
        sys.stdout.write(json.dumps(python_versions(metadata)) + "\n")
        return 0
    problems = [*_wheel_problems(wheel), *_sdist_problems(sdist)]
    if options.tag and options.tag != f"v{metadata['Version']}":
        problems.append(f"the tag is {options.tag}, the version {metadata['Version']}")
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    return 1 if problems else 0


def python_versions(metadata: Message) -> list[str]:
    """Return the minor versions of Python among the classifiers, such as `3.11`."""
    return [match[1] for line in metadata.get_all("Classifier", []) if (match := _PYTHON.fullmatch(line))]


def _metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        [name] = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        return Parser().parsestr(archive.read(name).decode())


def _wheel_problems(wheel: Path) -> Iterator[str]:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    for name in {name.split("/")[0] for name in names if ".dist-info/" not in name} - {_TOP}:
        yield f"{wheel.name} takes the top-level name {name}"
    for name in _WHEEL:
        if f"{_TOP}/{name}" not in names:
            yield f"{wheel.name} lacks {_TOP}/{name}"


def _sdist_problems(sdist: Path) -> Iterator[str]:
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    for name in _SDIST:
        if name not in names:
            yield f"{sdist.name} lacks {name}, which its own tests need"


if __name__ == "__main__":
    sys.exit(main())
