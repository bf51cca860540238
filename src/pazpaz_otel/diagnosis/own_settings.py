"""Find misspelt variable names, and invalid values of this package's own variables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from opentelemetry import environment_variables
from opentelemetry.instrumentation import environment_variables as instrumentation_variables
from opentelemetry.sdk import environment_variables as sdk_variables

from pazpaz_otel.diagnosis import Finding, did_you_mean
from pazpaz_otel.errors import SettingsError
from pazpaz_otel.parameters import PARAMETERS
from pazpaz_otel.policy.fault import closest
from pazpaz_otel.settings import Settings

_LIBRARY_VARIABLES: Final = re.compile(r"OTEL_PYTHON_[A-Z0-9_]+_EXCLUDED_URLS")
_FORMER_CONFIG_FILE: Final = "OTEL_EXPERIMENTAL_CONFIG_FILE"
_MIN_SIMILARITY: Final = 0.9
_MAX_LENGTH_DIFFERENCE: Final = 2


def misnamed(env: Mapping[str, str]) -> Iterator[Finding]:
    """Yield a fault for each variable that nothing reads because its name is misspelt."""
    known = [parameter.name for parameter in PARAMETERS if parameter.name.startswith("PAZPAZ_OTEL_")]
    for name in sorted(env):
        if name.startswith("PAZPAZ_OTEL_") and name not in known:
            meant = did_you_mean(name, known, 0.6)
            hint = "" if meant else "`pazpaz-otel doctor --help` shows where they are listed"
            yield Finding("fault", name, f"isn't a setting of this package{meant}", hint)
        elif name.startswith("PAZPAZ_") and not name.startswith("PAZPAZ_OTEL_"):
            full = f"PAZPAZ_OTEL_{name.removeprefix('PAZPAZ_')}"
            if full in known:
                yield Finding("note", name, f"nothing here reads it; did you mean {full}?", f"rename it to {full}")
    yield from _nearly_standard(env)


def _nearly_standard(env: Mapping[str, str]) -> Iterator[Finding]:
    known = _standard_names()
    for name in sorted(env):
        if name.upper() in known and name not in known:
            text = f"nothing reads it; did you mean {name.upper()}?"
            yield Finding("fault", name, text, f"rename it to {name.upper()}")
        if name == _FORMER_CONFIG_FILE:
            yield Finding("fault", name, "nothing reads it any more", "rename it to OTEL_CONFIG_FILE")
        if name in known or not name.startswith(("OTEL_", "SENTRY_")) or _LIBRARY_VARIABLES.fullmatch(name):
            continue
        near = closest(name, known, _MIN_SIMILARITY)
        if near is not None and abs(len(near) - len(name)) <= _MAX_LENGTH_DIFFERENCE:
            yield Finding("fault", name, f"nothing reads it; did you mean {near}?", f"rename it to {near}")


def _standard_names() -> list[str]:
    modules = (sdk_variables, environment_variables, instrumentation_variables)
    names = {value for module in modules for key, value in vars(module).items() if key.startswith("OTEL_")}
    own = {parameter.name for parameter in PARAMETERS if not parameter.name.startswith("PAZPAZ_OTEL_")}
    return sorted({name for name in names if isinstance(name, str)} | own)


def refused(env: Mapping[str, str]) -> Iterator[Finding]:
    """Yield a fault for each of this package's variables whose value is invalid."""
    left = dict(env)
    while True:
        try:
            Settings.from_env(left)
        except SettingsError as error:
            name, _, text = str(error).partition(" ")
            if left.pop(name, None) is None:
                return
            yield Finding("fault", name, f"{text}: nothing is exported", "unset it, or correct it")
        else:
            return


def explaining(env: Mapping[str, str]) -> Iterator[Finding]:
    """Yield a note if explanations were requested but can't be given."""
    with suppress(SettingsError):
        settings = Settings.from_env(env)
        if settings.unexplained is not None:
            hint = "unset it, and look at the same request where nothing is in production"
            yield Finding("note", "PAZPAZ_OTEL_EXPLAIN", settings.unexplained, hint)
        elif settings.explain_file is not None and not Path(settings.explain_file).parent.is_dir():
            told = "writes no file: its folder doesn't exist"
            yield Finding("fault", "PAZPAZ_OTEL_EXPLAIN", told, "create the folder, or name another")
