"""Find what is wrong with a set-up; each finding has a subject, what was found, and a hint.

`variables` judges the environment alone; the other modules examine a started process, its delivery and the receivers.
A process logs the faults of its variables when it starts; `pazpaz-otel doctor` reports everything.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

from pazpaz_otel.policy import fault

SIGNALS: Final = ("TRACES", "METRICS", "LOGS")

State = Literal["ok", "note", "fault"]


class Finding(NamedTuple):
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


def otlp_variables(kind: str) -> tuple[str, ...]:
    """Return the variables of OTLP's exporters for all signals and for each, such as those of the kind `ENDPOINT`."""
    return tuple(f"{prefix}_{kind}" for prefix in ("OTEL_EXPORTER_OTLP", *map("OTEL_EXPORTER_OTLP_{}".format, SIGNALS)))


def did_you_mean(value: str, known: Sequence[str], similarity: float) -> str:
    """Return what to append to a finding about an unknown value: the nearest known one as a question, or nothing.

    Args:
        value: the unknown value.
        known: the values that exist.
        similarity: from 0 to 1, how alike the two have to be.
    """
    meant = fault.did_you_mean(value, known, similarity)
    return f"; {meant}" if meant else ""
