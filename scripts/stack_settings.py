"""The variables of the compose file: `.env.example`, and their table in `docs/operations.md`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from pazpaz_otel import yaml_text
from pazpaz_otel.parameters import PARAMETERS

ROOT = Path(__file__).parents[1]
START, END = "<!-- variables: made by `make generate` from deploy/variables.yaml -->", "<!-- end of variables -->"


def env_example() -> str:
    """`.env.example`: every variable that the compose file reads, commented out, with its default."""
    lines = [
        "# Settings of a server, made by `make generate` from deploy/variables.yaml. Compose reads .env.",
        "# An application that runs without this stack: examples/application.env.",
        "",
    ]
    for name, entry in variables().items():
        lines += [f"# {_sentence(entry['meaning'])}", f"#{name}={entry.get('default', '')}", ""]
    lines += ["# Settings of the distribution and of OpenTelemetry that are passed on to the API.", ""]
    known = {parameter.name: parameter for parameter in PARAMETERS}
    for name, set_here in passed_on().items():
        meaning = known[name].description if name in known else "As OpenTelemetry's specification has it."
        default = known[name].default if name in known else ""
        lines += [f"# {meaning}", f"#{name}={default if set_here is None else set_here}", ""]
    return "\n".join(lines)


def operations_page() -> str:
    """`docs/operations.md` with the table of variables as it is now."""
    rows = [f"| `{name}` | {_code(entry.get('default'))} | {entry['meaning']} |" for name, entry in variables().items()]
    table = "\n".join([START, "", "| variable | default | meaning |", "|---|---|---|", *rows, "", END])
    text = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    return re.sub(rf"{re.escape(START)}.*?{re.escape(END)}", lambda _: table, text, flags=re.DOTALL)


def variables() -> dict[str, dict[str, Any]]:
    """The compose file's own variables: name to default and meaning."""
    return dict(yaml_text.load((ROOT / "deploy/variables.yaml").read_text(encoding="utf-8")))


def passed_on() -> dict[str, str | None]:
    """The variables that the API is given where they are set, to the stack's own default, in the compose file's order.

    None: the stack has no default, so that of the distribution or the SDK holds.
    """
    stack = yaml_text.load((ROOT / "deploy/compose/application.yml").read_text(encoding="utf-8"))
    own = variables()
    passed: dict[str, str | None] = {}
    for name, value in stack["services"]["api"]["environment"].items():
        default = re.fullmatch(rf"\$\{{{name}:-(.*)\}}", str(value))
        if value is None:
            passed[name] = None
        elif default and name not in own:
            passed[name] = default[1]
    return passed


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _code(text: object) -> str:
    return f"`{text}`" if text else "none"
