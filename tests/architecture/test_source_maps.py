"""What the page's image is built with, and that its source maps are built the same way."""

from __future__ import annotations

import re
from pathlib import Path

from pazpaz_otel import yaml_text

ROOT = Path(__file__).parents[2]
# nginx' alone: no script holds it.
NOT_IN_SCRIPTS = {"SITE_DOMAIN"}


def given() -> set[str]:
    """The arguments that the compose file gives the page's image."""
    layer = yaml_text.load((ROOT / "deploy/compose/application.yml").read_text())
    return set(layer["services"]["frontend"]["build"]["args"])


def test_the_image_takes_each_argument() -> None:
    """Release, environment, DSN, back ends and whatever else is given is declared: Docker ignores any other."""
    declared = re.findall(r"^ARG (\w+)$", (ROOT / "deploy/frontend/Dockerfile").read_text(), re.MULTILINE)
    assert given() == set(declared)
    assert given() >= {f"VITE_SENTRY_{name}" for name in ("DSN", "RELEASE", "ENVIRONMENT", "BACKENDS")}


def test_the_step_has_each_argument_of_the_image() -> None:
    """Each argument of the page's image that its scripts hold is one of the step's: their names hang on it."""
    page = (ROOT / "frontend/README.md").read_text()
    step = re.search(r"docker build [^\n]*--target sourcemaps(?:[^\n]*\\\n)*[^\n]*", page)
    assert step is not None
    assert set(re.findall(r"--build-arg (\w+)", step.group())) == given() - NOT_IN_SCRIPTS
