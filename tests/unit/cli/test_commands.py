"""The command line as a whole."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from pazpaz_otel.cli import main, names
from pazpaz_otel.compile import collector
from pazpaz_otel.policy import load_policy

if TYPE_CHECKING:
    from pathlib import Path

COMMANDS = names()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Every command explains itself."""
    with pytest.raises(SystemExit) as exit_:
        main([command, "--help"])
    assert exit_.value.code == 0
    assert "usage: pazpaz-otel " + command in capsys.readouterr().out


def test_a_wrong_argument_is_exit_code_2() -> None:
    """What isn't a command can't be done."""
    with pytest.raises(SystemExit) as exit_:
        main(["diagnose"])
    assert exit_.value.code == 2


def test_a_folder_that_cannot_be_written_is_exit_code_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What can't be done is one line on standard error, not a trace, and isn't taken for a find."""
    (tmp_path / "file").touch()
    assert main(["collector", "render", "--output", str(tmp_path / "file" / "below")]) == 2
    assert capsys.readouterr().err.startswith("pazpaz-otel: ")


@pytest.mark.parametrize(
    ("arguments", "most"),
    [
        (["policy", "check", "POLICY"], 45),
        (["policy", "explain", "http.route"], 45),
        (["policy", "diff", "default", "POLICY"], 45),
        (["collector", "render", "--check", "--output", "FOLDER"], 55),
        (["--help"], 70),
    ],
    ids=lambda value: " ".join(value[:2]) if isinstance(value, list) else "",
)
def test_a_command_loads_what_it_needs(arguments: list[str], most: int, tmp_path: Path) -> None:
    """What asks the policy starts without the SDK, Sentry, gRPC or a validator, and with few modules of its own."""
    policy = tmp_path / "policy.yaml"
    policy.write_text("version: 1\nextends: default\n")
    given = [{"POLICY": str(policy), "FOLDER": str(tmp_path)}.get(one, one) for one in arguments]
    code = (
        "import argparse, dataclasses, difflib, hashlib, importlib.resources, ipaddress, json, pathlib, sys, yaml\n"
        "before = set(sys.modules)\n"
        "from pazpaz_otel.cli import main\n"
        f"try: main({given!r})\n"
        "except SystemExit: pass\n"
        "sys.stderr.write(' '.join(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60)
    loaded = done.stderr.split()
    heavy = {"opentelemetry", "sentry_sdk", "grpc", "google", "jsonschema", "prometheus_client", "urllib3", "rich"}
    assert not heavy & {name.partition(".")[0] for name in loaded}
    # How many modules of the standard library these need differs between releases of Python.
    own = sorted(name for name in loaded if name.partition(".")[0] not in sys.stdlib_module_names)
    assert len(own) <= most, own


@pytest.mark.parametrize(
    ("command", "files"), [("collector", set(collector.render(load_policy()))), ("browser", {"policy.gen.ts"})]
)
def test_what_a_policy_renders_is_written_and_checked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str, files: set[str]
) -> None:
    """Rendered files are up to date; one that was edited is stale until it is rendered again."""
    assert main([command, "render", "--check", "--output", str(tmp_path)]) == 1
    assert main([command, "render", "--output", str(tmp_path)]) == 0
    assert {file.name for file in tmp_path.iterdir()} == files
    assert main([command, "render", "--check", "--output", str(tmp_path)]) == 0
    edited = next(tmp_path.iterdir())
    edited.write_text(edited.read_text() + "# edited\n")
    capsys.readouterr()
    assert main([command, "render", "--check", "--output", str(tmp_path)]) == 1
    assert capsys.readouterr().out == f"stale: {edited}\n"


def test_a_projects_policy_is_what_the_browser_gets(tmp_path: Path) -> None:
    """The module holds the keys that the project's own policy names, and isn't the default one's."""
    policy = tmp_path / "policy.yaml"
    policy.write_text("version: 1\nextends: default\nattributes:\n  clinic.room: {enum: [blue, green]}\n")
    assert main(["browser", "render", "--policy", str(policy), "--output", str(tmp_path)]) == 0
    module = (tmp_path / "policy.gen.ts").read_text()
    assert all(text in module for text in ("clinic.room", "blue", "green"))


def test_monitoring_render_checks_and_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The stack's own renderer is run where it stands; what it made is compared, and written where it is stale."""
    folder = tmp_path / "stack_of_a_test"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "render.py").write_text("def artefacts():\n    return {'rules/one.yml': 'groups: []'}\n")
    command = ["monitoring", "render", "--output", str(folder)]
    assert main([*command, "--check"]) == 1
    assert main(command) == 0
    assert (folder / "rules" / "one.yml").read_text() == "groups: []"
    assert main([*command, "--check"]) == 0
    assert main(["monitoring", "render", "--output", str(tmp_path)]) == 2
    assert "has no render.py" in capsys.readouterr().err
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert main(["monitoring", "render", "--output", str(tmp_path / "loop")]) == 2
    assert capsys.readouterr().err.count("\n") == 1
