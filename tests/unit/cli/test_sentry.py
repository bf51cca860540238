"""`pazpaz-otel sentry apply` against a server that checks requests by Sentry's published API schema."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pazpaz_otel.cli import main
from pazpaz_otel.tools.sentry_project.api import SentryApi, SentryApiError, read_back
from tests.unit.cli.sentry_server import SentryServer

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parents[3] / "monitoring" / "sentry"
TOKEN = "sntrys_the-token-itself"


@pytest.fixture
def server() -> Iterator[SentryServer]:
    """A project that nobody has set up yet."""
    with SentryServer() as running:
        yield running


@pytest.fixture(autouse=True)
def _environment(server: SentryServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("URL", server.url), ("ORG", "clinic"), ("PROJECT", "api"), ("AUTH_TOKEN", TOKEN)):
        monkeypatch.setenv(f"SENTRY_{name}", value)


def _apply(*arguments: str) -> int:
    return main(["sentry", "apply", "--folder", str(FOLDER), *arguments])


def test_the_shipped_rules_are_applied(server: SentryServer) -> None:
    """Email for a new or regressed issue with status 500, Slack for over ten errors in five minutes, privacy on."""
    assert _apply() == 0
    alerts = {alert["name"]: alert for alert in server.alerts}
    mail = alerts["Server error, new or regressed"]
    assert {one["type"] for one in mail["triggers"]["conditions"]} >= {"first_seen_event", "regression_event"}
    (group,) = mail["actionFilters"]
    assert group["conditions"][0]["comparison"] == {"key": "http.status_code", "match": "eq", "value": "500"}
    assert (group["actions"][0]["type"], group["actions"][0]["config"]["targetIdentifier"]) == ("email", "70")
    assert mail["detectorIds"] == ["100"]
    monitor = next(one for one in server.monitors if one["type"] == "metric_issue")
    query = monitor["dataSources"][0]["queryObj"]["snubaQuery"]
    assert (query["aggregate"], query["timeWindow"]) == ("count()", 300)
    assert monitor["conditionGroup"]["conditions"][0] == {"type": "gt", "comparison": 10, "conditionResult": 75}
    slack = alerts["High error rate"]
    assert slack["detectorIds"] == [monitor["id"]]
    action = slack["actionFilters"][0]["actions"][0]
    assert (action["type"], action["integrationId"], action["config"]["targetDisplay"]) == ("slack", "24817", "alerts")
    assert server.project["scrubIPAddresses"]
    assert server.project["dataScrubber"]


def test_a_second_time_changes_nothing(server: SentryServer, capsys: pytest.CaptureFixture[str]) -> None:
    """Applying twice is applying once."""
    _apply()
    before = list(server.writes)
    assert _apply() == 0
    assert server.writes == before
    assert "the project matches the files" in capsys.readouterr().out


def test_a_dry_run_writes_nothing_and_shows_the_difference(
    server: SentryServer, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--dry-run` exits with 1 where something differs, with 0 where nothing does."""
    assert _apply("--dry-run") == 1
    assert server.writes == []
    shown = capsys.readouterr().out
    assert "+ alert High error rate" in shown
    assert "scrubIPAddresses" in shown
    _apply()
    assert _apply("--dry-run") == 0


def test_what_somebody_changed_is_changed_back(server: SentryServer, capsys: pytest.CaptureFixture[str]) -> None:
    """A threshold, a switched-off alert and a privacy setting that were changed by hand are as the files say again."""
    _apply()
    monitor = next(one for one in server.monitors if one["type"] == "metric_issue")
    monitor["conditionGroup"]["conditions"][0]["comparison"] = 1000
    next(one for one in server.alerts if one["name"] == "High error rate")["enabled"] = False
    server.project["scrubIPAddresses"] = False
    capsys.readouterr()
    assert _apply("--json") == 0
    changed = json.loads(capsys.readouterr().out)["changed"]
    assert {one["name"] for one in changed} == {
        "scrubIPAddresses",
        "More than 10 errors in 5 minutes",
        "High error rate",
    }
    assert _apply("--dry-run") == 0
    assert len([one for one in server.alerts if one["name"] == "High error rate"]) == 1


def test_alerts_of_others_are_left_alone(server: SentryServer) -> None:
    """An alert that the files don't name stays as it is."""
    _apply()
    assert server.alerts[0] == {"id": "200", "name": "Somebody's own", "actionFilters": None}


def test_the_token_comes_from_a_file(server: SentryServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--token-file` beats the environment, and every request brings the token."""
    monkeypatch.delenv("SENTRY_AUTH_TOKEN")
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    assert _apply("--token-file", str(file)) == 0
    assert server.tokens == {f"Bearer {TOKEN}"}


@pytest.mark.parametrize(("status", "hint"), [(401, "make one with the scopes"), (403, "lacks a scope"), (500, "500")])
def test_a_refusal_is_told_with_its_hint(
    server: SentryServer, capsys: pytest.CaptureFixture[str], status: int, hint: str
) -> None:
    """Where Sentry refuses, the command exits with 2 and says what to do; never the token."""
    server.refuse = status
    assert _apply() == 2
    told = capsys.readouterr()
    assert hint in told.err
    assert TOKEN not in told.err + told.out


REPEATS: dict[str, Any] = {
    "whole": lambda headers: headers,
    "its value": lambda headers: f"you sent {headers['Authorization'].partition(' ')[2]}",
    "encoded": lambda headers: base64.b64encode(headers["Authorization"].encode()).decode(),
}


@pytest.mark.parametrize("repeats", REPEATS)
def test_an_answer_that_repeats_the_request_is_not_told(
    server: SentryServer, capsys: pytest.CaptureFixture[str], repeats: str, tmp_path: Path
) -> None:
    """A proxy or a server in its debug mode shows what it was sent: the token of a file isn't printed either."""
    server.refuse, server.refusal = 502, REPEATS[repeats]
    file = tmp_path / "token"
    file.write_text(secret := "sntrys_0a1b2c3d4e5f6a7b8c9d0e1f")
    assert _apply("--token-file", str(file)) == 2
    told = capsys.readouterr().err
    assert "status 502" in told
    assert secret[:10] not in told
    assert base64.b64encode(f"Bearer {secret}".encode()).decode()[:12] not in told


def test_a_refusal_says_why(server: SentryServer, capsys: pytest.CaptureFixture[str]) -> None:
    """What Sentry says of a request is told."""
    server.refuse, server.refusal = 400, lambda _: "this name is taken"
    assert _apply() == 2
    assert "this name is taken" in capsys.readouterr().err


def test_a_missing_member_or_integration_is_told(server: SentryServer, capsys: pytest.CaptureFixture[str]) -> None:
    """An address that is no member's, or a Slack that isn't installed, is an error with a hint, not a silent alert."""
    server.integrations.clear()
    assert _apply() == 2
    assert "no Slack integration" in capsys.readouterr().err
    server.members[0]["user"] = None
    assert _apply() == 2
    assert "alerts@pazpaz.app isn't a member" in capsys.readouterr().err


@pytest.mark.parametrize("missing", ["SENTRY_ORG", "SENTRY_PROJECT", "SENTRY_AUTH_TOKEN"])
def test_what_is_missing_is_named(
    missing: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without organization, project or token the command says which."""
    monkeypatch.delenv(missing)
    assert _apply() == 2
    assert missing in capsys.readouterr().err


def test_the_server_refuses_what_the_schema_does_not_allow(server: SentryServer, tmp_path: Path) -> None:
    """The check by the schema can fail: a frequency that Sentry doesn't offer is refused."""
    for name in ("project.yaml", "alerts.yaml"):
        (tmp_path / name).write_text((FOLDER / name).read_text().replace("every_minutes: 5", "every_minutes: 7"))
    assert main(["sentry", "apply", "--folder", str(tmp_path)]) == 2
    assert not [path for _, path in server.writes if "workflows" in path]


def test_an_event_can_be_read_back(server: SentryServer) -> None:
    """The API tells a stored event from one that didn't arrive; a refusal is neither."""
    api = SentryApi(server.url, "clinic", "api", TOKEN)
    server.stored["a" * 32] = "a" * 32
    assert api.has_event("a" * 32)
    assert not api.has_event("b" * 32)
    server.refuse = 403
    with pytest.raises(SentryApiError):
        api.has_event("a" * 32)


def test_the_test_error_is_read_back_with_the_environments_token(server: SentryServer) -> None:
    """`doctor --send-test-error` tells stored from lost where there is a token, and nothing where there is none."""
    server.stored["a" * 32] = "a" * 32
    environment = {
        "SENTRY_URL": server.url,
        "SENTRY_ORG": "clinic",
        "SENTRY_PROJECT": "api",
        "SENTRY_AUTH_TOKEN": TOKEN,
    }
    assert read_back("a" * 32, environment) is True
    assert read_back("b" * 32, environment, timeout=0) is False
    assert read_back("a" * 32, environment | {"SENTRY_AUTH_TOKEN": ""}) is None


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_the_token_stays_with_its_host(server: SentryServer, status: int, capsys: pytest.CaptureFixture[str]) -> None:
    """A server that redirects to another one gets an error, and the other one nothing: neither request nor token."""
    with SentryServer() as other:
        server.redirect = status, f"{other.url}/api/0/"
        assert _apply() == 2
        assert other.tokens == set()
    assert "redirect" in capsys.readouterr().err
