"""`pazpaz-otel uptime apply` against a server that takes only what UptimeRobot's published API v3 takes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pazpaz_otel.cli import main
from tests.stack.uptimerobot_account import KEY, UptimeRobot

if TYPE_CHECKING:
    from collections.abc import Iterator

MONITORS = Path(__file__).parents[2] / "monitoring/uptime/monitors.yaml"


@pytest.fixture
def robot() -> Iterator[UptimeRobot]:
    server = UptimeRobot()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    path.write_text(KEY + "\n")
    path.chmod(0o600)
    return path


@pytest.fixture
def paid(tmp_path: Path) -> Path:
    """The shipped monitors, for an account on a paid plan."""
    path = tmp_path / "paid.yaml"
    path.write_text(MONITORS.read_text().replace("plan: free", "plan: paid"))
    return path


def apply(robot: UptimeRobot, key: Path, *more: str, monitors: Path = MONITORS) -> int:
    return main(
        ["uptime", "apply", "--api", robot.url, "--key-file", str(key), "--monitors", str(monitors), *more]
    )  # fmt: skip


def test_the_guide_s_three_monitors_are_made(robot: UptimeRobot, key: Path, paid: Path) -> None:
    """Health, page and certificate; every five minutes; told after the third failure in a row, and when up again."""
    assert apply(robot, key, monitors=paid) == 0
    made = {monitor["friendlyName"]: monitor for monitor in robot.monitors}
    assert list(made) == ["PazPaz API health", "PazPaz page", "PazPaz certificate"]
    assert {monitor["interval"] for monitor in made.values()} == {300}
    assert [monitor["url"] for monitor in made.values()] == [
        "https://pazpaz.app/health", "https://pazpaz.app/", "https://pazpaz.app",
    ]  # fmt: skip
    # The first failure is minute 0, the third is minute 10.
    told = [{"alertContactId": 8, "threshold": 10, "recurrence": 0}]
    assert all(monitor["assignedAlertContacts"] == told for monitor in made.values())
    health = made["PazPaz API health"]
    assert health["successHttpResponseCodes"] == ["200"]
    assert (health["type"], health["keywordType"], health["keywordValue"]) == (
        "KEYWORD", "ALERT_NOT_EXISTS", '"status":"healthy"',
    )  # fmt: skip
    assert made["PazPaz certificate"]["config"] == {"sslExpirationPeriodDays": [7]}
    assert made["PazPaz certificate"]["sslExpirationReminder"] is True
    assert robot.contacts[1]["enableNotificationsFor"] == "UpAndDown"
    assert robot.contacts[0]["enableNotificationsFor"] == "Down"


def test_applying_again_changes_nothing(robot: UptimeRobot, key: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A second run sends no request that changes anything, and says so."""
    apply(robot, key)
    before = list(robot.changed)
    capsys.readouterr()
    assert apply(robot, key) == 0
    assert robot.changed == before
    assert "up to date" in capsys.readouterr().out
    assert apply(robot, key, "--dry-run") == 0


def test_a_free_account_works_as_shipped(key: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """On the free plan health and page are watched, the certificate is said to be the stack's own affair."""
    robot = UptimeRobot("free")
    assert apply(robot, key) == 0
    assert "PazPaz certificate: not on the free plan" in capsys.readouterr().out
    assert [monitor["friendlyName"] for monitor in robot.monitors] == ["PazPaz API health", "PazPaz page"]
    count = len(robot.changed)
    assert apply(robot, key) == 0
    assert len(robot.changed) == count == 3
    robot.shutdown()
    robot.server_close()


def test_a_keyword_can_be_changed(robot: UptimeRobot, key: Path, tmp_path: Path) -> None:
    """Another keyword is a change of the monitor that is there."""
    apply(robot, key)
    monitors = tmp_path / "monitors.yaml"
    monitors.write_text(MONITORS.read_text().replace('"healthy"', '"well"'))
    assert apply(robot, key, monitors=monitors) == 0
    assert robot.changed[-1] == ("PATCH", "/v3/monitors/100", {"keywordValue": '"status":"well"'})


def test_a_monitor_of_another_type_is_said(robot: UptimeRobot, key: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A monitor that the account has as plain HTTP can't become one with a keyword: the message says what to do."""
    robot.monitors.append({"id": 1, "friendlyName": "PazPaz API health", "type": "HTTP"})
    assert apply(robot, key) == 2
    assert "delete it there and apply again" in capsys.readouterr().err
    assert robot.changed == []


def test_a_dry_run_shows_the_difference_and_sends_none(
    robot: UptimeRobot, key: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--dry-run` names what would change, from what to what, exits 1, and changes nothing."""
    apply(robot, key)
    robot.monitors[1]["interval"] = 60
    count = len(robot.changed)
    capsys.readouterr()
    assert apply(robot, key, "--dry-run", "--json") == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer == {
        "applied": False,
        "changes": [
            {"action": "change", "title": "PazPaz page", "before": {"interval": 60}, "after": {"interval": 300}}
        ],
    }
    assert len(robot.changed) == count
    assert apply(robot, key) == 0
    assert robot.changed[count:] == [("PATCH", "/v3/monitors/101", {"interval": 300})]


def test_other_monitors_are_left_alone(robot: UptimeRobot, key: Path) -> None:
    """Monitors of other names are neither changed nor removed, also beyond the first page of the list."""
    others = [{"id": number, "friendlyName": f"other {number}", "interval": 60} for number in range(5)]
    robot.monitors += [dict(other) for other in others]
    apply(robot, key)
    assert apply(robot, key, "--dry-run") == 0
    assert robot.monitors[:5] == others
    assert len(robot.monitors) == 7


def test_the_key_is_shown_to_nobody(
    robot: UptimeRobot, key: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Neither success nor refusal prints the key, and a redirect doesn't take it to another host."""
    assert apply(robot, key) == 0
    wrong = tmp_path / "wrong"
    wrong.write_text("u7654321-wrong-key")
    assert apply(robot, wrong) == 2
    elsewhere = UptimeRobot()
    robot.redirect = f"{elsewhere.url}/monitors"
    assert apply(robot, key) == 2
    output = "".join(capfd.readouterr())
    assert "HTTP 401" in output
    assert KEY not in output
    assert "wrong-key" not in output
    assert elsewhere.changed == []
    elsewhere.shutdown()
    elsewhere.server_close()


def test_a_busy_api_is_asked_again(robot: UptimeRobot, key: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two refusals for haste are waited out; one that lasts is an error, not a half-done success."""
    robot.busy = 2
    assert apply(robot, key) == 0
    robot.busy = 100
    assert apply(robot, key) == 2
    assert "too many requests" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("break_it", "says"),
    [
        (lambda robot: robot.contacts.pop(), "alerts@pazpaz.app isn't an alert contact"),
        (lambda robot: robot.monitors.extend([{"id": n, "friendlyName": "PazPaz page"} for n in (1, 2)]), "leave one"),
    ],
    ids=["no such contact", "two of one name"],
)
def test_what_cannot_be_applied_is_said(
    robot: UptimeRobot, key: Path, capsys: pytest.CaptureFixture[str], break_it: Any, says: str
) -> None:
    """An account that doesn't fit is left as it was, and the message names the hint."""
    break_it(robot)
    assert apply(robot, key) == 2
    assert says in capsys.readouterr().err
    assert robot.changed == []


def test_a_missing_key_is_said(robot: UptimeRobot, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a key file the command says which file it wants."""
    assert apply(robot, tmp_path / "none") == 2
    assert "UptimeRobot's API key" in capsys.readouterr().err
