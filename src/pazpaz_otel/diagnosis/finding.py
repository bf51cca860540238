"""One thing that was looked at, and what was found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "note", "fault"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one subject.

    Attributes:
        state: `ok`; `note`, where it works but isn't what one would expect; `fault`, where something is lost.
        subject: what was looked at, such as the name of a variable.
        text: what was found, secrets masked.
        hint: what to do about it.
    """

    state: State
    subject: str
    text: str
    hint: str = ""

    def __str__(self) -> str:
        """Return the finding as one line."""
        joint = " " if self.text.endswith("?") else "; "
        return f"{self.subject}: {self.text}" + (joint + self.hint if self.hint else "")
