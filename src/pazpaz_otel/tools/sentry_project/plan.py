"""The differences between the files in `monitoring/sentry/` and a Sentry project, and how to remove them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from pazpaz_otel.errors import PazPazOtelError, PolicyError
from pazpaz_otel.tools.reading import OTHER_SHAPE, expecting, read_mapping
from pazpaz_otel.tools.sentry_project.api import SentryApiError

if TYPE_CHECKING:
    from pathlib import Path

    from pazpaz_otel.tools.sentry_project.api import SentryApi

ERRORS: Final = "errors"
"""The files' name for the monitor of issues that every project has."""
_HIGH, _RESOLVED = 75, 0


@dataclass
class Change:
    """One difference between the files and the project.

    Attributes:
        what: `settings`, `monitor` or `alert`.
        name: its name in the files; for a setting, its key.
        lines: the current and the wanted values.
        new: whether it doesn't exist yet.
    """

    what: str
    name: str
    lines: list[str] = field(default_factory=list)
    new: bool = False

    def __str__(self) -> str:
        head = f"{'+' if self.new else '~'} {self.what} {self.name}"
        return "\n".join([head, *(f"    {line}" for line in self.lines)])


class Rules:
    """The rules in a folder's files.

    Args:
        folder: the folder with `project.yaml` and `alerts.yaml`.

    Raises:
        PolicyError: a file can't be read.
    """

    def __init__(self, folder: Path) -> None:
        self._file = str(folder / "alerts.yaml")
        rules = read_mapping(folder / "alerts.yaml")
        try:
            self.settings = dict(read_mapping(folder / "project.yaml").get("settings") or {})
            self.monitors: list[dict[str, Any]] = list(rules.get("monitors") or [])
            self.alerts: list[dict[str, Any]] = list(rules.get("alerts") or [])
            for monitor in self.monitors:
                _monitor(monitor)
            for alert in self.alerts:
                _check(alert)
        except PazPazOtelError:
            raise
        except OTHER_SHAPE as error:
            missing = f"needs {error}" if isinstance(error, KeyError) else f"has a wrong value ({type(error).__name__})"
            raise PolicyError(f"a setting, monitor or alert {missing}", file=str(folder)) from None

    def apply(self, api: SentryApi, *, write: bool) -> list[Change]:
        """Make the project match the files, or with `write` false only return the differences.

        Raises:
            SentryApiError: Sentry rejects a request.
            PolicyError: a member, channel or monitor that the files name doesn't exist.
        """
        with expecting("Sentry's project", SentryApiError):
            changes = self._settings(api, write=write)
        with expecting("Sentry's monitors", SentryApiError):
            known = {str(found["name"]): found for found in api.monitors()}
            ids = self._monitors(api, known, changes, write=write)
        with expecting("Sentry's alerts, members and integrations", SentryApiError):
            self._alerts(api, ids, changes, write=write)
        return changes

    def _settings(self, api: SentryApi, *, write: bool) -> list[Change]:
        current = api.project()
        wrong = {key: value for key, value in self.settings.items() if current.get(key) != value}
        if wrong and write:
            api.set_project(wrong)
        return [Change("setting", key, [f"{current.get(key)!r} -> {value!r}"]) for key, value in wrong.items()]

    def _monitors(
        self, api: SentryApi, known: dict[str, dict[str, Any]], changes: list[Change], *, write: bool
    ) -> dict[str, str | None]:
        """Return the ids of all monitors by name; None for a monitor that a dry run would create."""
        ids: dict[str, str | None] = {name: str(found["id"]) for name, found in known.items()}
        built_in = next((str(found["id"]) for found in known.values() if found["type"] == "error"), None)
        ids |= {ERRORS: built_in} if built_in else {}
        for monitor in self.monitors:
            wanted, name = _monitor(monitor), monitor["name"]
            found = known.get(name)
            lines = [] if found is None else _differences(_monitor_facts(found), _monitor_facts(wanted))
            if found is None or lines:
                changes.append(Change("monitor", name, lines, new=found is None))
                ids[name] = api.save_monitor(wanted, ids.get(name)) if write else ids.get(name)
        return ids

    def _alerts(self, api: SentryApi, ids: dict[str, str | None], changes: list[Change], *, write: bool) -> None:
        known = {str(found["name"]): found for found in api.alerts()}
        for alert in self.alerts:
            if alert["monitor"] not in ids:
                raise PolicyError(f"no monitor is called {alert['monitor']!r}", file=self._file)
            found, name = known.get(alert["name"]), alert["name"]
            wanted = self._alert(api, alert, ids[alert["monitor"]])
            lines = [] if found is None else _differences(_alert_facts(found), _alert_facts(wanted))
            if found is None or lines:
                changes.append(Change("alert", name, lines, new=found is None))
                if write:
                    api.save_alert(wanted, None if found is None else str(found["id"]))

    def _alert(self, api: SentryApi, alert: dict[str, Any], monitor_id: str | None) -> dict[str, Any]:
        tag = alert.get("tag")
        filters = [_condition("tagged_event", {"key": tag["key"], "match": "eq", "value": tag["value"]})] if tag else []
        return {
            "name": alert["name"],
            "enabled": True,
            "detectorIds": [int(monitor_id)] if monitor_id is not None else [],
            "config": {"frequency": alert["every_minutes"]},
            "environment": alert.get("environment"),
            "triggers": {
                "logicType": "any-short",
                "conditions": [_condition(event, True) for event in alert.get("when", [])],
                "actions": [],
            },
            "actionFilters": [
                {"logicType": "all", "conditions": filters, "actions": [self._action(api, alert["notify"])]}
            ],
        }

    def _action(self, api: SentryApi, notify: dict[str, str]) -> dict[str, Any]:
        if "email" in notify:
            address = notify["email"]
            member = next(
                (found for found in api.members() if found.get("email") == address and found.get("user")), None
            )
            if member is None:
                hint = "invite them, or name a member: Sentry sends mail only to members"
                raise PolicyError(f"{address} isn't a member of the organization", file=self._file, hint=hint)
            target = {"targetType": "user", "targetIdentifier": str(member["user"]["id"]), "targetDisplay": None}
            return {"type": "email", "integrationId": None, "data": {}, "config": target, "status": "active"}
        installed = api.integrations("slack")
        if not installed:
            hint = "install it under Settings, Integrations"
            raise PolicyError("the organization has no Slack integration", file=self._file, hint=hint)
        channel = notify["slack"].removeprefix("#")
        target = {"targetType": "specific", "targetIdentifier": "", "targetDisplay": channel}
        slack = str(installed[0]["id"])
        return {"type": "slack", "integrationId": slack, "data": {}, "config": target, "status": "active"}


def _check(alert: dict[str, Any]) -> None:
    """Raise what using the alert of a file would."""
    _ = alert["name"], alert["monitor"], alert["every_minutes"], [*alert.get("when", [])]
    if tag := alert.get("tag"):
        _ = tag["key"], tag["value"]
    if not isinstance(alert["notify"].get("email", alert["notify"].get("slack")), str):
        raise KeyError("notify: email or slack")


def _condition(kind: str, comparison: Any) -> dict[str, Any]:
    return {"type": kind, "comparison": comparison, "conditionResult": True}


def _monitor(monitor: dict[str, Any]) -> dict[str, Any]:
    source = {
        "aggregate": "count()",
        "dataset": "events",
        "environment": None,
        "eventTypes": ["default", "error"],
        "query": monitor["query"],
        "queryType": 0,
        "timeWindow": monitor["minutes"] * 60,
    }
    above = {"type": "gt", "comparison": monitor["above"], "conditionResult": _HIGH}
    below = {"type": "lte", "comparison": monitor["above"], "conditionResult": _RESOLVED}
    return {
        "name": monitor["name"],
        "type": "metric_issue",
        "enabled": True,
        "config": {"detectionType": "static"},
        "dataSources": [source],
        "conditionGroup": {"logicType": "any", "conditions": [above, below], "actions": []},
    }


def _monitor_facts(monitor: dict[str, Any]) -> dict[str, Any]:
    """Return the facts that the files set for a monitor, from Sentry's response or from a request."""
    sources = monitor.get("dataSources") or [{}]
    # Sentry's response has the query inside the query's object.
    source = (sources[0].get("queryObj") or {}).get("snubaQuery") or sources[0]
    conditions = (monitor.get("conditionGroup") or {}).get("conditions") or []
    return {
        "enabled": monitor.get("enabled"),
        "aggregate": source.get("aggregate"),
        "query": source.get("query"),
        "seconds": source.get("timeWindow"),
        "conditions": sorted((one["type"], one["comparison"], one["conditionResult"]) for one in conditions),
    }


def _alert_facts(alert: dict[str, Any]) -> dict[str, Any]:
    """Return the facts that the files set for an alert, from Sentry's response or from a request."""
    triggers = alert.get("triggers") or {}
    filters = alert.get("actionFilters") or []
    return {
        "enabled": alert.get("enabled"),
        "monitors": sorted(map(str, alert.get("detectorIds") or [])),
        "environment": alert.get("environment"),
        "every_minutes": (alert.get("config") or {}).get("frequency"),
        "when": sorted(one["type"] for one in triggers.get("conditions") or []),
        "if": [
            (group.get("logicType"), [(one["type"], one["comparison"]) for one in group.get("conditions") or []])
            for group in filters
        ],
        "notify": [
            (one["type"], one.get("integrationId"), one["config"].get("targetIdentifier"), _shown(one["config"]))
            for group in filters
            for one in group.get("actions") or []
        ],
    }


def _shown(config: dict[str, Any]) -> str | None:
    # Sentry chooses a person's display name.
    return config.get("targetDisplay") if config.get("targetType") == "specific" else None


def _differences(current: dict[str, Any], wanted: dict[str, Any]) -> list[str]:
    return [f"{key}: {current[key]!r} -> {wanted[key]!r}" for key in wanted if current[key] != wanted[key]]
