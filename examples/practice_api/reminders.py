"""Reminders by text message, through a gateway that takes a webhook."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from practice_api.models import Appointment, Client

logger = logging.getLogger(__name__)


class Reminders:
    """Posts reminders to the gateway at `url`; without one, does nothing."""

    def __init__(self, url: str | None, timeout: float) -> None:
        self._url = url
        self._http = httpx.AsyncClient(timeout=timeout)

    async def send(self, client: Client, appointment: Appointment) -> None:
        """Remind `client` of `appointment`; a gateway that fails costs the reminder, not the appointment."""
        if self._url is None or client.phone is None:
            return
        text = f"Hello {client.name}, we expect you on {appointment.starts_at:%d.%m. at %H:%M}."
        try:
            answer = await self._http.post(self._url, json={"to": client.phone, "text": text})
            answer.raise_for_status()
        except httpx.HTTPError:
            logger.exception(f"reminder to {client.name} ({client.phone}) failed")  # noqa: G004 - as it is often written
        else:
            logger.info("reminder sent to %s", client.phone)

    async def close(self) -> None:
        """Close the connections to the gateway."""
        await self._http.aclose()
