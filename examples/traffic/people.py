"""Invented patients, in four scripts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from pazpaz_otel.audit.canaries import CanaryMaker

if TYPE_CHECKING:
    from .account import Account

_SCRIPTS = ("hebrew", "arabic", "russian", "latin")


class People:
    """Invents what the practices write about their patients, and enters each piece in the account."""

    def __init__(self, seed: int, account: Account) -> None:
        self._maker = CanaryMaker(seed)
        self._account = account
        self._count = 0

    def _invent(self, category: str) -> str:
        canary = self._maker.make(category)
        self._account.planted.append(canary)
        return canary.text

    def name(self) -> str:
        """A name, in each script in turn."""
        self._count += 1
        return self._invent(f"name.{_SCRIPTS[self._count % len(_SCRIPTS)]}")

    def free_text(self) -> str:
        """A sentence that somebody wrote."""
        return self._invent("free_text")

    def patient_id(self) -> str:
        """The id of a client that no workspace has."""
        return self._invent("patient_uuid")

    def client(self) -> dict[str, Any]:
        """The fields of a client."""
        born = self._invent("birth_date").split()[1]
        return {
            "name": self.name(),
            "phone": self._invent("phone"),
            "email": self._invent("email"),
            "date_of_birth": born,
            "address": self._invent("address"),
            "diagnosis": f"{self._invent('diagnosis')}, id {self._invent('israeli_id')}",
        }

    def appointment(self, client_id: str, day: int) -> dict[str, Any]:
        """The fields of an appointment, `day` days from now."""
        start = datetime.now(UTC) + timedelta(days=day)
        return {
            "client_id": client_id,
            "starts_at": start.isoformat(),
            "ends_at": (start + timedelta(minutes=50)).isoformat(),
            "purpose": self.free_text(),
        }

    def note(self) -> dict[str, str]:
        """A session note."""
        return {"subjective": self._invent("soap_note"), "plan": self.free_text()}

    def patient(self) -> dict[str, str]:
        """Someone for an error to be about."""
        return {"name": self.name(), "phone": self._invent("phone"), "note": self._invent("soap_note")}
