"""A kind is one file, as docs/contributing/add-a-kind.md has it: put there, everything that knows kinds knows it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


def block(page: str) -> str:
    """The Python of a page of `docs/contributing/`."""
    return (ROOT / "docs" / "contributing" / page).read_text().partition("```python\n")[2].partition("```")[0]


PROGRAM = """
import json, sys
from pathlib import Path
from pazpaz_otel.compile import collector, typescript
from pazpaz_otel.cli import main
from pazpaz_otel.policy import load_policy
from pazpaz_otel.policy.schema import schema
from pazpaz_otel.redact.evidence import Evidence
from pazpaz_otel.redact.guards import Guard
from scripts import kinds

policy = load_policy("policy.yaml")
evidence = Evidence()
evidence.add_routes(lambda: ["/badge/nurse"])
guard = Guard(policy, evidence).attributes
files = collector.render(policy)
planted = {}
from pazpaz_otel.audit.plant import policy_keys, useful
for surface in policy_keys.policy_keys(policy).all:
    planted[surface.name] = True
json.dump({
    "schema": [name for name in ("colour", "badge") if name in schema()["$defs"]["kind_name"]["enum"]],
    "published": '"colour"' in kinds.published_schema(),
    "tables": [line for line in kinds.kind_tables().splitlines() if "`colour`" in line or "`badge`" in line],
    "guard": [
        guard.clean({"room.colour": "blue", "room.badge": "/badge/nurse"}, "resource")[0],
        guard.clean({"room.colour": "dvora", "room.badge": "/badge/dvora"}, "resource")[0],
    ],
    "collector": [line for text in files.values() for line in text.splitlines() if "room." in line],
    "typescript": typescript.render(policy),
    "useful": useful.emit_useful(policy, 1),
    "planted": sorted(planted),
    "explained": main(["policy", "explain", "room.colour", "--policy", "policy.yaml"]),
    "vectors": kinds.vectors(),
}, open("found.json", "w"))
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a copy of the tree with one file more says of its kinds."""
    folder = tmp_path_factory.mktemp("tree")
    for name in ("src", "scripts"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "src" / "pazpaz_otel" / "policy" / "kinds" / "rooms.py").write_text(block("add-a-kind.md"))
    default = folder / "src" / "pazpaz_otel" / "policy" / "default.yaml"
    default.write_text(default.read_text().replace("attributes:\n", "attributes:\n  room.shade: colour\n", 1))
    (folder / "policy.yaml").write_text(
        "version: 1\nextends: default\nattributes:\n  room.colour: colour\n  room.badge: badge\n"
    )
    (folder / "program.py").write_text(PROGRAM)
    done = subprocess.run(
        [sys.executable, "program.py"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": f"{folder / 'src'}:{folder}", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    read: dict[str, Any] = json.loads((folder / "found.json").read_text())
    return {**read, "said": done.stdout}


def test_the_schema_and_the_documentation_name_it(found: dict[str, Any]) -> None:
    """The schema takes it, the published one included, and the tables say what belongs to it."""
    assert found["schema"] == ["colour", "badge"]
    assert found["published"]
    assert found["tables"] == [
        "| `colour` | a colour of the clinic's rooms |",
        "| `badge` | a registered route's badge | a closed list | proven |",
    ]


def test_the_command_line_explains_it(found: dict[str, Any]) -> None:
    """`policy explain` says what becomes of a value under such a key."""
    assert found["explained"] == 0
    assert "leaves if it is a colour of the clinic's rooms" in found["said"]


def test_the_guards_judge_it(found: dict[str, Any]) -> None:
    """What belongs leaves the process, what doesn't belong or isn't proven stays."""
    assert found["guard"] == [{"room.colour": "blue", "room.badge": "/badge/nurse"}, {}]


def test_the_collector_and_the_browser_check_it(found: dict[str, Any]) -> None:
    """Both senders' walls have its patterns, and so has the browser's module."""
    conditions = "\n".join(found["collector"])
    assert "^(?:blue|green)$$" in conditions
    assert "^/badge/[a-z]{1,8}$$" in conditions
    assert "^/badge/none$$" in conditions
    assert '"room.colour": "colour"' in found["typescript"]
    assert 'colour: "^(?:blue|green)$"' in found["typescript"]


def test_the_audit_plants_in_it(found: dict[str, Any]) -> None:
    """The audit plants under its keys, and asks for the value that belongs to arrive."""
    assert {"policy.room.colour", "policy.room.badge"} <= {*found["planted"]}
    assert ["span.attribute", "room.colour", "blue"] in found["useful"]


def test_the_vectors_have_its_samples(found: dict[str, Any]) -> None:
    """Its samples are conformance vectors for every enforcer, where the default policy has a key of the kind."""
    assert (
        '{"id": "kind-colour-0", "key": "room.shade", "input": "blue", "expect": {"all": "keep"}}' in found["vectors"]
    )
    assert '{"id": "kind-colour-not-0"' in found["vectors"]


def test_a_command_is_one_file(tmp_path: Path) -> None:
    """The page about commands, followed to the letter, gives one that answers, explains itself and is listed."""
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "src" / "pazpaz_otel" / "cli" / "commands" / "kinds.py").write_text(block("add-a-command.md"))
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "src"), "PYTHONDONTWRITEBYTECODE": "1"}

    def ask(*arguments: str) -> str:
        command = [sys.executable, "-c", "import sys; from pazpaz_otel.cli import main; sys.exit(main())", *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=60)
        return done.stdout

    assert "uuid" in json.loads(ask("kinds", "--json"))
    assert "the kinds there are" in ask("--help")
