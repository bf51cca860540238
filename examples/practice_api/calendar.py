"""A workspace's appointments in the iCalendar form (RFC 5545)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from practice_api.models import now

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from practice_api.models import Appointment

_ESCAPES = str.maketrans({"\\": r"\\", ";": r"\;", ",": r"\,", "\n": r"\n"})
_FOLD_OCTETS = 73


def render_calendar(appointments: Sequence[Appointment]) -> str:
    """The calendar's text; slow for a long list, so call it in a thread."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//practice-api//EN"]
    stamp = _time(now())
    for appointment in appointments:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{appointment.id}",
            f"DTSTAMP:{stamp}",
            f"DTSTART:{_time(appointment.starts_at)}",
            f"DTEND:{_time(appointment.ends_at)}",
            f"SUMMARY:{appointment.client.name.translate(_ESCAPES)}",
            *(["STATUS:CANCELLED"] if appointment.cancel_reason else []),
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "\r\n".join(part for line in lines for part in _fold(line)) + "\r\n"


def _time(moment: datetime) -> str:
    return f"{moment:%Y%m%dT%H%M%SZ}"


def _fold(line: str) -> list[str]:
    parts = [""]
    for character in line:
        if len((parts[-1] + character).encode()) > _FOLD_OCTETS:
            parts.append(" ")
        parts[-1] += character
    return parts
