"""The result of one check."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "note", "fault"]


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of checking one subject.

    Attributes:
        state: `ok`; `note` if it works but is unexpected; `fault` if something is lost.
        subject: what was checked, such as the name of a variable.
        text: what was found, with secrets masked.
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
