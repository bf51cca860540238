"""The policy as the browser's guard reads it."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import Any

from pazpaz_otel.compile.typescript import render
from pazpaz_otel.policy import Kind, Policy, load_policy

COMMITTED = Path(__file__).parents[3] / "frontend" / "package" / "src" / "policy.gen.ts"


def literal(policy: Policy) -> dict[str, Any]:
    """The rendered object; the subset of TypeScript that is rendered is JSON but for bare keys and final commas."""
    text = render(policy).partition(": Policy = ")[2].rstrip(";\n")
    quoted = re.sub(r"(^\s*|[{,] )([A-Za-z_$][\w$]*):(?= )", r'\1"\2":', text, flags=re.MULTILINE)
    return json.loads(re.sub(r",(\s*[}\]])", r"\1", quoted))


def test_the_committed_module_is_the_default_policy() -> None:
    """The module in the repository is what the default policy renders to."""
    assert COMMITTED.read_text() == render(load_policy())


def test_a_policy_is_rendered_whole() -> None:
    """Version, digest, hosts, messages, tags and ignored errors are the policy's."""
    hosts = frozenset({"b.example", "a.example"})
    policy = dataclasses.replace(load_policy(), hosts=hosts, messages=("Closed on {day}",))
    rendered = literal(policy)
    assert rendered["version"] == policy.version
    assert rendered["digest"] == policy.digest
    assert rendered["hosts"] == ["a.example", "b.example"]
    assert rendered["messages"] == ["Closed on {day}"]
    assert rendered["tags"]["request_id"] == "uuid"
    assert rendered["ignoreErrors"] == sorted(policy.sentry.ignore_errors)


def test_kinds_that_only_a_python_process_proves_are_left_out() -> None:
    """A key whose kind needs the modules or the source of a Python process isn't among the browser's attributes."""
    attributes = literal(load_policy())["attributes"]
    assert "http.request.method" in attributes
    assert "http.route" in attributes
    assert {"db.query.text", "code.function.name", "exception.message", "exception.type"} & set(attributes) == set()


def test_bounds_and_members_are_kept() -> None:
    """A number has its bounds, an enumeration its members, in the policy's order."""
    attributes = literal(load_policy())["attributes"]
    assert attributes["http.request.resend_count"] == {"number": [0, 100]}
    assert attributes["appointment.cancel.reason"] == {"enum": ["client_request", "therapist_cancelled", "no_show"]}


def test_a_text_of_the_policy_stays_a_text() -> None:
    """A message or a member that looks like code is a string literal in the module, and nothing else."""
    evil = '"; alert(1); //\n\u2028</script>'
    base = load_policy()
    sentry = dataclasses.replace(base.sentry, tags={"kind": Kind("enum", "grammar", (evil,))})
    rendered = literal(dataclasses.replace(base, messages=(evil,), sentry=sentry))
    assert rendered["messages"] == [evil]
    assert rendered["tags"] == {"kind": {"enum": [evil]}}


def test_a_project_names_the_package_for_the_type() -> None:
    """A project's own module imports the type from the package."""
    assert render(load_policy(), types="@pazpaz/otel-browser").splitlines()[1] == (
        'import type { Policy } from "@pazpaz/otel-browser";'
    )


def test_what_only_a_back_end_says_is_left_out() -> None:
    """Python's messages and the keys of servers and task queues aren't sent to browsers; an application's own are."""
    base = load_policy()
    numeric = base.attributes["duration_ms"]
    own = {key: dataclasses.replace(numeric, key=key) for key in ("job.colour", "level")}
    policy = dataclasses.replace(
        base, attributes={**base.attributes, **own}, messages=(*base.messages, "Closed on {day}")
    )
    rendered = literal(policy)
    assert rendered["messages"] == ["Closed on {day}"]
    assert {"job.colour", "level"} <= set(rendered["attributes"])
    families = ("asgi.", "celery.", "db.redis.", "net.", "otel.", "pazpaz_otel.", "redis.")
    assert not [key for key in rendered["attributes"] if key.startswith(families)]
    assert not {"handler", "job.outcome", "status"} & set(rendered["attributes"])
    assert "runtime" not in rendered["contexts"]


def test_only_patterns_that_the_browser_asks_for_are_carried() -> None:
    """Each text kind of a key has its pattern, or the page itself must prove it; no other pattern is carried."""
    rendered = literal(load_policy())
    tables = [rendered["attributes"], rendered["tags"], *rendered["contexts"].values()]
    used = {kind for table in tables for kind in table.values() if isinstance(kind, str)} - {"bool"}
    assert used <= {*rendered["patterns"], *rendered["ranges"], *rendered["proven"]}
    assert {*rendered["patterns"]} <= used | {"config", "version"}
