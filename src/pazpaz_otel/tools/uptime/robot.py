"""UptimeRobot's API v3: what is there, what should be, and the requests that make the one the other.

https://uptimerobot.com/api/v3/ and its OpenAPI description. The key goes into the `Authorization` header and nowhere
else: not into messages, and not to another host, whatever an answer points to.
"""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from pazpaz_otel.errors import SettingsError
from pazpaz_otel.tools.http import opener

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pazpaz_otel.tools.uptime.monitors import Monitor, Uptime

API = "https://api.uptimerobot.com/v3"
"""The API's address."""

_UP_AND_DOWN, _DOWN_ONLY = (0, "UpAndDown"), (1, "Down")
_PATIENCE = 3
_LONGEST_PAUSE = 60.0


class UptimeRobotError(SettingsError):
    """UptimeRobot refused or didn't answer; the message names the request and the status, never the key."""


@dataclass(frozen=True)
class Change:
    """One request that is needed.

    Attributes:
        action: ``create``, ``change`` or ``notify``.
        title: the monitor, or the address that is told.
        method: of the request.
        path: of the request, below the API's address.
        body: of the request.
        before: for a change, the values that are there now, by field.
    """

    action: str
    title: str
    method: str
    path: str
    body: dict[str, Any]
    before: dict[str, Any] = field(default_factory=dict)


class Client:
    """Sends requests with the account's key.

    Args:
        key: the account's API key.
        api: the API's address.
        pause: called with seconds when the API asks for patience.
    """

    def __init__(self, key: str, api: str = API, pause: Any = time.sleep) -> None:
        self._key = key
        self._api = api.rstrip("/")
        self._pause = pause
        self._opener = opener()

    def send(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Send one request and return the answer's document.

        Raises:
            UptimeRobotError: any answer but a 2xx, or none.
        """
        for attempt in range(_PATIENCE):
            try:
                return self._once(method, path, body)
            except urllib.error.HTTPError as error:
                with error:
                    if error.code != HTTPStatus.TOO_MANY_REQUESTS or attempt == _PATIENCE - 1:
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
            # Only the cursor of the next page is taken over, never its address.
            after = urllib.parse.parse_qs(urllib.parse.urlsplit(page.get("nextLink") or "").query).get("cursor")
            if not after or after[0] == cursor:
                return
            cursor = after[0]

    def contacts(self) -> list[dict[str, Any]]:
        """Return the account's own alert contacts."""
        return list(self.send("GET", "/user/alert-contacts"))

    def _once(self, method: str, path: str, body: Mapping[str, Any] | None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self._key}", "Accept": "application/json"}
        if data is not None:
            headers["Content-Type"] = "application/json"
        request = urllib.request.Request(self._api + path, data=data, headers=headers, method=method)  # noqa: S310 - ours
        with self._opener.open(request, timeout=30) as response:
            text = response.read()
        return json.loads(text) if text else None


def changes(uptime: Uptime, monitors: list[dict[str, Any]], contacts: list[dict[str, Any]]) -> list[Change]:
    """Return what to send so that UptimeRobot watches what `uptime` says; monitors of other names are left alone.

    Raises:
        UptimeRobotError: the address to tell is no alert contact of the account, or two monitors have one title.
    """
    contact = next((entry for entry in contacts if str(entry.get("value", "")).lower() == uptime.email.lower()), None)
    if contact is None:
        raise UptimeRobotError(
            f"UptimeRobot: {uptime.email} is no alert contact of this account; add it there and confirm the mail"
        )
    needed = list(_notification(uptime, contact))
    for monitor in watched(uptime):
        found = [entry for entry in monitors if entry.get("friendlyName") == monitor.title]
        if len(found) > 1:
            raise UptimeRobotError(f"UptimeRobot: {len(found)} monitors are named {monitor.title!r}; leave one")
        body = desired(monitor, uptime, contact["id"])
        if found and not _same(found[0].get("type", body["type"]), body["type"]):
            raise UptimeRobotError(
                f"UptimeRobot: {monitor.title!r} is of the type {found[0]['type']}, which can't be changed into"
                f" {body['type']}; delete it there and apply again"
            )
        if not found:
            needed.append(Change("create", monitor.title, "POST", "/monitors", body))
            continue
        differing = {name: value for name, value in body.items() if not _same(found[0].get(name), value)}
        if differing:
            differing.pop("keywordType", None)  # set when the monitor is made, and the only one that is used here
            before = {name: found[0].get(name) for name in differing}
            path = f"/monitors/{found[0]['id']}"
            needed.append(Change("change", monitor.title, "PATCH", path, differing, before))
    return needed


def watched(uptime: Uptime) -> list[Monitor]:
    """Return the monitors that the account's plan takes: the free one has none of certificates."""
    return [monitor for monitor in uptime.monitors if uptime.plan == "paid" or monitor.type != "certificate"]


def desired(monitor: Monitor, uptime: Uptime, contact: int) -> dict[str, Any]:
    """Return the monitor as the API's `CreateHttpMonitorDto` or `CreateKeywordMonitorDto`.

    A certificate is one of HTTP with settings of its own.
    """
    # The free plan takes no delay, and answers 0 whatever it was asked for.
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
        # A body is asked for: HEAD has none.
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
        return min(max(float(header or "1"), 0.0), _LONGEST_PAUSE)
    except ValueError:
        return 1.0
