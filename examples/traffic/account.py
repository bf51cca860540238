"""What was done, to be compared with what was measured."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pazpaz_otel.audit.canaries import Canary


@dataclass
class Account:
    """An exact account of a run.

    Attributes:
        requests: answers by method, route template (`""` where no route matched) and status.
        appointments_created: by workspace.
        appointments_cancelled: by workspace and reason.
        session_notes_saved: by workspace.
        live_updates: updates received over the WebSockets, by workspace.
        faults: for each fault that was asked for, the status that came.
        planted: every piece of patient data that was sent.
    """

    requests: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    appointments_created: Counter[str] = field(default_factory=Counter)
    appointments_cancelled: Counter[tuple[str, str]] = field(default_factory=Counter)
    session_notes_saved: Counter[str] = field(default_factory=Counter)
    live_updates: Counter[str] = field(default_factory=Counter)
    faults: dict[str, int] = field(default_factory=dict)
    planted: list[Canary] = field(default_factory=list)
    workspaces: list[str] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        """Every string that must not leave, each once."""
        return list(dict.fromkeys(token for canary in self.planted for token in (canary.text, *canary.tokens)))

    def as_json(self) -> dict[str, Any]:
        """The account as what JSON can hold, without the planted strings."""
        return {
            "requests": [
                {"method": method, "route": route, "status": status, "count": count}
                for (method, route, status), count in sorted(self.requests.items())
            ],
            "appointments_created": dict(self.appointments_created),
            "appointments_cancelled": [
                {"workspace_id": workspace, "reason": reason, "count": count}
                for (workspace, reason), count in sorted(self.appointments_cancelled.items())
            ],
            "session_notes_saved": dict(self.session_notes_saved),
            "live_updates": dict(self.live_updates),
            "faults": self.faults,
            "workspaces": self.workspaces,
            "planted": len(self.planted),
        }
