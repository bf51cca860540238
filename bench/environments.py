"""Virtual environments to measure in, cached outside the checkout by what they are made from.

All of them get the application's libraries in the versions of the environment that runs the benchmark, so that only
telemetry differs; but SQLAlchemy 2.0, as the stock instrumentation refuses 2.1.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

from tests.programs.cache import cached
from tests.programs.pypi import UV

ROOT = Path(__file__).parents[1]
SQLALCHEMY = "sqlalchemy[asyncio]>=2.0.44,<2.1"
_APPLICATION = ("fastapi", "starlette", "pydantic", "aiosqlite", "uvicorn", "uvloop", "httptools", "httpx")
_NOT_STOCK = ("opentelemetry-exporter-prometheus", "opentelemetry-instrumentation-redis")


def stock(python: str = sys.executable) -> Path:
    """The `bin` folder with the stock distribution and the instrumentations that ours starts here, too."""
    parts = [part for part in _ours() if part.startswith("opentelemetry-") and not part.startswith(_NOT_STOCK)]
    release = next(part for part in parts if part.startswith("opentelemetry-instrumentation=="))
    return _environment("bench-stock", [*parts, release.replace("instrumentation", "distro")], python)


def guide() -> Path:
    """The `bin` folder with what the guide installs."""
    sentry = [part for part in _ours() if part.startswith("sentry-sdk")]
    return _environment("bench-guide", [*sentry, "prometheus-fastapi-instrumentator>=7"])


def logfire() -> Path:
    """The `bin` folder with logfire."""
    return _environment("bench-logfire", ["logfire[fastapi,sqlalchemy]>=4"])


def ddtrace() -> Path:
    """The `bin` folder with ddtrace."""
    return _environment("bench-ddtrace", ["ddtrace>=4"])


def ours(python: str = sys.executable) -> Path:
    """The `bin` folder with this distribution, as it stands in this checkout."""
    environment = _environment("bench-ours", _ours(), python, editable=True)
    _run([str(environment / "python"), "-m", "compileall", "-q", str(ROOT / "src")])
    return environment


def busy() -> Path:
    """The `bin` folder with this distribution and what the busy application asks and logs with."""
    return _environment("bench-busy", [*_ours(), "asyncpg>=0.30", "redis>=5.2", "structlog>=25.1"], editable=True)


def _ours() -> list[str]:
    return list(_project()["dependencies"])


def _project() -> dict[str, Any]:
    return dict(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"])


def _application() -> list[str]:
    pins = [SQLALCHEMY]
    for name in _APPLICATION:
        try:
            pins.append(f"{name}=={metadata.version(name)}")
        except metadata.PackageNotFoundError:
            # uvloop isn't there on every platform.
            continue
    return pins


def version_of(python: str) -> str:
    """What an interpreter says of its version."""
    return subprocess.run(
        [python, "-c", "import sys; print(sys.version, end='')"], capture_output=True, text=True, check=True
    ).stdout


def _environment(name: str, requirements: list[str], base: str = sys.executable, *, editable: bool = False) -> Path:
    requirements = [*_application(), *requirements]
    made_from = [version_of(base), "compiled", "relocatable", *sorted(requirements)]
    if editable:
        # The entry points are installed, the sources are read from this folder.
        made_from += [str(ROOT), str(_project()["entry-points"])]

    def build(folder: Path) -> None:
        environment = folder / "venv"
        _run([*UV, "venv", "--quiet", "--relocatable", "--python", base, str(environment)])
        # What isn't compiled costs memory and time at each start.
        install = [*UV, "pip", "install", "--compile-bytecode", "--python", str(environment / "bin" / "python")]
        _run([*install, "--quiet", *requirements])
        if editable:
            _run([*install, "--quiet", "--no-deps", "--editable", str(ROOT)])

    return cached(name, "\n".join(made_from), build) / "venv" / "bin"


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command[:4])} … failed:\n{done.stderr.strip()[-2000:]}")
