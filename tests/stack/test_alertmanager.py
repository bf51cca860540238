"""Alertmanager's configuration before amtool and Alertmanager itself."""

from __future__ import annotations

import json
import subprocess
import urllib.request
from pathlib import Path

import pytest
import yaml

from pazpaz_otel import yaml_text
from tests.programs import amtool_binary, wait_until
from tests.programs.running import get
from tests.stack.mailbox import Mailbox
from tests.stack.monitoring_stack import Alertmanager
from tests.stack.pages import Webhooks

CONFIG = Path(__file__).parents[2] / "monitoring" / "alertmanager" / "alertmanager.yml"

pytestmark = pytest.mark.stack


def amtool(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run amtool."""
    return subprocess.run([str(amtool_binary()), *arguments], capture_output=True, text=True, check=False)


def test_it_is_valid() -> None:
    """The tool amtool finds nothing wrong with the configuration and its templates."""
    done = amtool("check-config", str(CONFIG))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 receivers" in done.stdout
    assert "1 templates" in done.stdout


@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        (["alertname=Watchdog", "severity=none"], "dead-mans-switch"),
        (["alertname=DatabaseDown", "severity=critical", "environment=production"], "page"),
        (["alertname=DiskSpaceLow", "severity=warning", "environment=production"], "ticket"),
        (["alertname=SomethingNew"], "ticket"),
    ],
)
def test_routes(labels: list[str], receiver: str) -> None:
    """Each severity goes to its receiver, the watchdog leaves the server, and what is unknown isn't lost."""
    done = amtool("config", "routes", "test", f"--config.file={CONFIG}", f"--verify.receivers={receiver}", *labels)
    assert done.returncode == 0, done.stdout + done.stderr


def send(alertmanager: Alertmanager, **severities: str) -> None:
    """Send alerts, by name and severity, as Prometheus does."""
    alerts = [
        {"labels": {"alertname": name, "severity": severity, "environment": "production"}, "annotations": {}}
        for name, severity in severities.items()
    ]
    url, body = f"{alertmanager.url}/api/v2/alerts", json.dumps(alerts).encode()
    urllib.request.urlopen(urllib.request.Request(url, body, {"Content-Type": "application/json"}), timeout=10).close()


@pytest.mark.slow
@pytest.mark.parametrize("quiet", [True, False])
def test_tickets_wait_for_working_hours(tmp_path: Path, quiet: bool) -> None:
    """A page is sent at any hour; a ticket is held back within the quiet hours and sent outside of them."""
    with Mailbox(tmp_path / "mail") as mailbox, Webhooks() as webhooks:
        alertmanager = Alertmanager(tmp_path / "am", mailbox, webhooks.url, 30, quiet=quiet)
        with alertmanager:
            send(alertmanager, DiskSpaceLow="warning", DatabaseDown="critical")
            wait_until(lambda: mailbox.find("DatabaseDown"), "the page", 60)
            if not quiet:
                wait_until(lambda: mailbox.find("DiskSpaceLow"), "the ticket", 60)
            else:
                url = f"{alertmanager.url}/metrics"
                suppressed = 'alertmanager_notifications_suppressed_total{reason="mute_time_interval"}'
                wait_until(lambda: f"{suppressed} 0" not in get(url)[1] and suppressed in get(url)[1], "the mute", 60)
                assert mailbox.find("DiskSpaceLow") is None


@pytest.mark.slow
def test_the_watchdog_comes_at_every_turn(tmp_path: Path) -> None:
    """The dead man's switch hears of the watchdog whenever its group's interval has passed, not every second time.

    A group beside it, whose messages are never too early, counts the intervals.
    """
    with Mailbox(tmp_path / "mail") as mailbox, Webhooks() as webhooks:
        alertmanager = Alertmanager(tmp_path / "am", mailbox, webhooks.url, 120)
        config = yaml_text.load(alertmanager.config_file.read_text())
        [watched] = [route for route in config["route"]["routes"] if route["receiver"] == "dead-mans-switch"]
        turns = {**watched, "matchers": ['alertname = "Turn"'], "receiver": "turns", "repeat_interval": "1ms"}
        config["route"]["routes"].insert(0, turns)
        config["receivers"].append({"name": "turns", "webhook_configs": [{"url": f"{webhooks.url}/turns"}]})
        alertmanager.config_file.write_text(yaml.safe_dump(config))

        def heard(path: str) -> int:
            return sum(to == path for to, _, _ in webhooks.received)

        with alertmanager:
            send(alertmanager, Watchdog="none", Turn="none")
            wait_until(lambda: heard("/turns") >= 12, "a dozen turns", 120)
            assert heard("/dead-mans-switch") >= heard("/turns") - 2


def test_quiet_hours_are_nights_and_weekends() -> None:
    """Working hours from eight to six, from Monday to Friday, are not quiet, and pages never are."""
    config = yaml_text.load(CONFIG.read_text())
    [quiet] = config["time_intervals"]
    times = [times for entry in quiet["time_intervals"] for times in entry.get("times", [])]
    assert [(entry["start_time"], entry["end_time"]) for entry in times] == [("00:00", "08:00"), ("18:00", "24:00")]
    muted = {route["receiver"] for route in config["route"]["routes"] if route.get("mute_time_intervals")}
    assert muted == {"ticket"}
