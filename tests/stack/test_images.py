"""The images' recipes: what they copy is there, and what they start runs."""

from __future__ import annotations

import ast
import fnmatch
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture.compose import ROOT, services
from tests.programs import Program, free_port
from tests.programs.running import get

DOCKERFILES = sorted((ROOT / "deploy").rglob("*Dockerfile"))
API = ROOT / "deploy/api/Dockerfile"


def sources(dockerfile: Path) -> list[str]:
    """The files and folders of the checkout that an image copies."""
    copies = re.findall(r"^COPY (?!--from)(.+)$", dockerfile.read_text(), re.MULTILINE)
    return [name for copy in copies for name in copy.split()[:-1]]


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_an_image_copies_is_there(dockerfile: Path) -> None:
    """Each file that is copied from the checkout exists, is under version control, and isn't kept out of the build."""
    ignore = dockerfile.with_name(dockerfile.name + ".dockerignore")
    kept = [line[1:] for line in ignore.read_text().splitlines() if line.startswith("!")] if ignore.exists() else []
    for name in sources(dockerfile):
        assert (ROOT / name).exists(), name
        tracked = subprocess.run(["git", "ls-files", name], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        assert tracked, name
        assert any(name == keep or name.startswith(f"{keep}/") for keep in kept), f"{ignore.name} keeps {name} out"


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_an_image_names_no_base_of_its_own(dockerfile: Path) -> None:
    """Bases come from `monitoring/versions.env`, by way of build arguments without a default."""
    text = dockerfile.read_text()
    arguments = set(re.findall(r"^ARG ([A-Z_]+)$", text, re.MULTILINE))
    for base in re.findall(r"^FROM (\S+)", text, re.MULTILINE):
        assert base == "scratch" or base.strip("${}") in arguments, base


def test_secrets_and_rows_stay_out_of_images() -> None:
    """No build sees the folder of secrets, the environment file or a database."""
    for dockerfile in DOCKERFILES:
        ignore = dockerfile.with_name(dockerfile.name + ".dockerignore")
        lines = ignore.read_text().splitlines()
        assert lines[0] == "*", ignore
        assert not [line for line in lines if fnmatch.fnmatch(line, "!*secrets*") or line == "!.env"]


def test_the_api_s_requirements_are_what_it_imports() -> None:
    """Every package that the reference backend imports is installed, by its own list or with the distribution."""
    modules = {
        name.partition(".")[0]
        for file in (ROOT / "examples/practice_api").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        for name in _imported(node)
    }
    third_party = modules - sys.stdlib_module_names - {"practice_api", "pazpaz_otel"}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = (ROOT / "deploy/api/requirements.txt").read_text().splitlines() + project["dependencies"]
    provided = {re.split(r"[\[<>=! ]", line)[0].lower().replace("-", "_") for line in lines if not line.startswith("#")}
    provided |= {"opentelemetry", "starlette", "pydantic", "sentry_sdk", "yaml"}  # come with the ones above
    assert third_party <= provided


@pytest.mark.stack
def test_the_api_starts_as_its_image_does(tmp_path: Path) -> None:
    """The image's entry point and command start the backend, instrumented, and its health check finds it."""
    text = API.read_text()
    entry, command = (
        [str(part) for part in ast.literal_eval(re.search(rf"^{key} (\[.*\])$", text, re.MULTILINE)[1])]
        for key in ("ENTRYPOINT", "CMD")
    )
    app = tmp_path / "app"
    shutil.copytree(ROOT / "examples/practice_api", app / "practice_api")
    token = tmp_path / "token"
    token.write_text("collector-token-of-this-test\nthe-one-before\n")
    port = free_port()
    replaced = {"/usr/local/bin/start": str(ROOT / "deploy/api/start.sh"), "/app": str(app), "8000": str(port)}
    settings = {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path / 'practice.db'}",
        "PAZPAZ_OTEL_POLICY": str(app / "practice_api/policy.yaml"),
        "COLLECTOR_TOKEN_FILE": str(token),
        **{f"OTEL_{signal}_EXPORTER": "none" for signal in ("TRACES", "METRICS", "LOGS")},
    }
    kind, *check = services()["api"]["healthcheck"]["test"]
    assert kind == "CMD"
    check = [part.replace("8000", str(port)) for part in check]

    class Api(Program):
        def ready(self) -> bool:
            return get(f"http://127.0.0.1:{port}/health/live")[0] == 200

    with Api([replaced.get(part, part) for part in entry + command], tmp_path / "api", settings, name="api") as api:
        assert get(f"http://127.0.0.1:{port}/ping?name=Zquithbazin")[0] == 200
        assert subprocess.run(check, env=os.environ | settings, check=False).returncode == 0
        shown = Path(f"/proc/{api.pid}/cmdline").read_text() + api.log
        environment = Path(f"/proc/{api.pid}/environ").read_text()
    assert "OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20collector-token-of-this-test" in environment
    assert "collector-token" not in shown
    assert "Zquithbazin" not in shown, "an access log"
    assert subprocess.run(check, env=os.environ | settings, capture_output=True, check=False).returncode != 0


def test_the_api_starts_without_a_token(tmp_path: Path) -> None:
    """A missing token costs telemetry, not the application: the command runs, and one line says what is missing."""
    done = subprocess.run(
        ["sh", str(ROOT / "deploy/api/start.sh"), "printenv", "OTEL_EXPORTER_OTLP_HEADERS"],
        env={"PATH": os.environ["PATH"], "COLLECTOR_TOKEN_FILE": str(tmp_path / "none")},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "")  # printenv ran, and found nothing
    assert "no token for the Collector" in done.stderr


def test_images_install_from_the_lock() -> None:
    """Every package of an image has a version and a hash, and the versions are those that the tests ran with."""
    lock = (ROOT / "deploy/api/requirements.lock").read_text()
    pinned = dict(re.findall(r"^([a-z0-9._-]+)(?:\[[a-z,]+\])?==(\S+)", lock, re.MULTILINE))
    tested = dict(
        re.findall(r"^([a-z0-9._-]+)(?:\[[a-z,]+\])?==(\S+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    )
    assert lock.count("--hash=sha256:") >= len(pinned) > 40
    assert {name: version for name, version in pinned.items() if tested.get(name, version) != version} == {}
    for dockerfile in DOCKERFILES:
        for install in re.findall(r"pip install (.+)$", dockerfile.read_text(), re.MULTILINE):
            from_lock = re.search(r"--require-hashes .*-r \S*\.lock", install)
            assert from_lock or "--no-deps --no-build-isolation" in install, install


def test_scripts_are_posix() -> None:
    """The shell scripts of the deployment run under a plain sh, which is all that the images have."""
    for script in (*(ROOT / "deploy").rglob("*.sh"), *(ROOT / "monitoring").rglob("*.sh")):
        assert script.read_text().startswith("#!/bin/sh\n"), script
        done = subprocess.run(["sh", "-n", str(script)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, shlex.quote(done.stderr)


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) and node.module and not node.level else []
