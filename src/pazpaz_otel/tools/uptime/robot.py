"""UptimeRobot's API v3: what exists, what should exist, and the requests that turn one into the other.

https://uptimerobot.com/api/v3/ and its OpenAPI description. The key is sent only in the `Authorization` header, never
in a message or to another host, whatever a response points to.
"""

from __future__ import annotations

import time
import urllib.error
import urllib.parse
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from pazpaz_otel.errors import SettingsError
from pazpaz_otel.tools.reading import ask

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pazpaz_otel.tools.uptime.monitors import Monitor, Uptime

API = "https://api.uptimerobot.com/v3"
"""The API's URL."""

_UP_AND_DOWN, _DOWN_ONLY = (0, "UpAndDown"), (1, "Down")
_MAX_ATTEMPTS = 3
_MAX_PAUSE = 60.0


class UptimeRobotError(SettingsError):
    """UptimeRobot rejected a request or didn't answer; the message has the request and the status, never the key."""


@dataclass(frozen=True)
class Change:
    """A request that is needed.

    Attributes:
        action: ``create``, ``change`` or ``notify``.
        title: the monitor, or the address that receives alerts.
        method: the request's method.
        path: the request's path, below the API's URL.
        body: the request's body.
        before: for a change, the current values by field.
    """

    action: str
    title: str
    method: str
    path: str
    body: dict[str, Any]
    before: dict[str, Any] = field(default_factory=dict)


class Client:
    """A client that sends requests with the account's key.

    Args:
        key: the account's API key.
        api: the API's URL.
        pause: called with a number of seconds when the API limits the rate.
    """

    def __init__(self, key: str, api: str = API, pause: Any = time.sleep) -> None:
        self._key = key
        self._api = api.rstrip("/")
        self._pause = pause

    def send(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Send one request and return the parsed response.

        Raises:
            UptimeRobotError: the response isn't a 2xx, or there is none.
        """
        for attempt in range(_MAX_ATTEMPTS):
            try:
                return ask(method, self._api + path, self._key, body)[0]
            except urllib.error.HTTPError as error:
                with error:
                    if error.code != HTTPStatus.TOO_MANY_REQUESTS or attempt == _MAX_ATTEMPTS - 1:
                        raise UptimeRobotError(_refusal(method, path, error.code)) from None
                    self._pause(_seconds(error.headers.get("Retry-After")))
            except (OSError, ValueError) as error:
                raise UptimeRobotError(f"UptimeRobot: {method} {path}: {type(error).__name__}") from None
        raise AssertionError("unreachable")

    def monitors(self) -> Iterator[dict[str, Any]]:
        """Yield every monitor of the account."""
        cursor: str | None = None
        while True:
            query = {"limit": "200", **({"cursor": cursor} if cursor else {})}
            page = self.send("GET", f"/monitors?{urllib.parse.urlencode(query)}")
            yield from page["data"]
            # Use only the next page's cursor, never its URL.
            after = urllib.parse.parse_qs(urllib.parse.urlsplit(page.get("nextLink") or "").query).get("cursor")
            if not after or after[0] == cursor:
                return
            cursor = after[0]

    def contacts(self) -> list[dict[str, Any]]:
        """Return the account's own alert contacts."""
        return list(self.send("GET", "/user/alert-contacts"))


def changes(uptime: Uptime, monitors: list[dict[str, Any]], contacts: list[dict[str, Any]]) -> list[Change]:
    """Return the requests that make UptimeRobot match `uptime`; monitors with other names are left alone.

    Raises:
        UptimeRobotError: the address isn't an alert contact of the account, or two monitors have the same title.
    """
    contact = next((entry for entry in contacts if str(entry.get("value", "")).lower() == uptime.email.lower()), None)
    if contact is None:
        raise UptimeRobotError(
            f"UptimeRobot: {uptime.email} isn't an alert contact of this account; add it there and confirm the mail"
        )
    needed = list(_notification(uptime, contact))
    for monitor in watched(uptime):
        found = [entry for entry in monitors if entry.get("friendlyName") == monitor.title]
        if len(found) > 1:
            raise UptimeRobotError(f"UptimeRobot: {len(found)} monitors are named {monitor.title!r}; leave one")
        body = desired(monitor, uptime, contact["id"])
        if found and not _same(found[0].get("type", body["type"]), body["type"]):
            raise UptimeRobotError(
                f"UptimeRobot: {monitor.title!r} has the type {found[0]['type']}, which can't be changed to"
                f" {body['type']}; delete it there and apply again"
            )
        if not found:
            needed.append(Change("create", monitor.title, "POST", "/monitors", body))
            continue
        differing = {name: value for name, value in body.items() if not _same(found[0].get(name), value)}
        if differing:
            differing.pop("keywordType", None)  # can be set only at creation; just one type is used here
            before = {name: found[0].get(name) for name in differing}
            path = f"/monitors/{found[0]['id']}"
            needed.append(Change("change", monitor.title, "PATCH", path, differing, before))
    return needed


def watched(uptime: Uptime) -> list[Monitor]:
    """Return the monitors that the account's plan allows: the free plan has none for certificates."""
    return [monitor for monitor in uptime.monitors if uptime.plan == "paid" or monitor.type != "certificate"]


def desired(monitor: Monitor, uptime: Uptime, contact: int) -> dict[str, Any]:
    """Return the monitor as the API's `CreateHttpMonitorDto` or `CreateKeywordMonitorDto`.

    A certificate monitor is an HTTP monitor with its own settings.
    """
    # The free plan ignores the delay, and always answers 0.
    delay = uptime.delay // 60 if uptime.plan == "paid" else 0
    body: dict[str, Any] = {
        "type": "HTTP",
        "friendlyName": monitor.title,
        "url": monitor.url,
        "interval": uptime.every,
        "timeout": uptime.timeout,
        "httpMethodType": "HEAD",
        "followRedirections": False,
        "successHttpResponseCodes": [str(monitor.status)] if monitor.status else ["2xx", "3xx"],
        "assignedAlertContacts": [{"alertContactId": contact, "threshold": delay, "recurrence": 0}],
    }
    if monitor.contains is not None:
        # The body is needed, so HEAD won't do.
        body |= {
            "type": "KEYWORD",
            "httpMethodType": "GET",
            "keywordType": "ALERT_NOT_EXISTS",
            "keywordCaseType": 0,
            "keywordValue": monitor.contains,
        }
    if monitor.days is not None:
        body |= {
            "checkSSLErrors": True,
            "sslExpirationReminder": True,
            "config": {"sslExpirationPeriodDays": [monitor.days]},
        }
    return body


def _notification(uptime: Uptime, contact: dict[str, Any]) -> Iterator[Change]:
    wanted = _UP_AND_DOWN if uptime.recovery else _DOWN_ONLY
    if contact.get("enableNotificationsFor") not in wanted:
        yield Change(
            "notify", uptime.email, "PATCH", f"/alert-contacts/{contact['id']}", {"enableNotificationsFor": wanted[0]},
            {"enableNotificationsFor": contact.get("enableNotificationsFor")},
        )  # fmt: skip


def _same(there: Any, wanted: Any) -> bool:
    if isinstance(wanted, dict):
        return isinstance(there, dict) and all(_same(there.get(name), value) for name, value in wanted.items())
    if isinstance(wanted, list):
        if not isinstance(there, list) or len(there) != len(wanted):
            return False
        return all(any(_same(other, value) for other in there) for value in wanted)
    if isinstance(wanted, str) and isinstance(there, str):
        return there.lower() == wanted.lower()
    return bool(there == wanted)


def _refusal(method: str, path: str, status: int) -> str:
    hint = {401: "; is the key the account's main API key?", 403: "; may this key write?", 429: "; too many requests"}
    return f"UptimeRobot: {method} {path.partition('?')[0]}: HTTP {status}{hint.get(status, '')}"


def _seconds(header: str | None) -> float:
    try:
        return min(max(float(header or "1"), 0.0), _MAX_PAUSE)
    except ValueError:
        return 1.0
