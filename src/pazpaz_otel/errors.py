"""Every exception this package raises; a leaf module, so that any other may import it.

Exception
 ├── ValueError
 │    └── PazPazOtelError
 │         ├── LedgerError      a ledger of counts that can't be kept
 │         ├── PolicyError      a policy file that can't be used
 │         │    └── PolicyFileError    one that can't be read
 │         ├── SettingsError    an environment variable that can't be used
 │         ├── PatchError       a release moved what the guards stand on
 │         └── StartRefused     a start that `PAZPAZ_OTEL_STRICT` refuses; also a SystemExit

A message names what is wrong, where, and the hint. It never repeats a value that came from outside the policy
or the settings themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "LedgerError",
    "PatchError",
    "PazPazOtelError",
    "PolicyError",
    "PolicyFileError",
    "SettingsError",
    "StartRefused",
]


class PazPazOtelError(ValueError):
    """The base of every error this package raises."""


class PolicyError(PazPazOtelError):
    """A policy that can't be used.

    Args:
        problem: what is wrong.
        file: the policy's file, as the user named it.
        line: the line, counted from 1, where it is known.
        hint: what to write instead.
        others: the policy's further faults, each with a place and a hint of its own.
    """

    def __init__(
        self,
        problem: str,
        *,
        file: str,
        line: int | None = None,
        hint: str | None = None,
        others: Sequence[PolicyError] = (),
    ) -> None:
        self.problem = problem
        self.file = file
        self.line = line
        self.hint = hint
        self.others = tuple(others)
        where = file if line is None else f"{file}:{line}"
        more = f"; and {len(others)} more: see `pazpaz-otel policy check`" if others else ""
        self.line_of_text = f"{where}: {problem}" + (f" ({hint})" if hint else "")
        super().__init__(self.line_of_text + more)

    @property
    def faults(self) -> tuple[PolicyError, ...]:
        """Every fault, this one first."""
        return (self, *self.others)


class PolicyFileError(PolicyError):
    """A policy file that can't be read at all."""


class SettingsError(PazPazOtelError):
    """An environment variable that can't be used; the message names the variable and what it takes."""


class PatchError(PazPazOtelError):
    """A private name of another package that the guards need isn't there; the message says which, in which release."""


class LedgerError(PazPazOtelError):
    """The workers' ledger of counts can't be kept; the message says why and holds no path."""


class StartRefused(PazPazOtelError, SystemExit):  # noqa: N818 - it isn't the error, which its text names
    """A start that `PAZPAZ_OTEL_STRICT` refuses.

    Also a `SystemExit`: uncaught, Python writes one line and ends with 1, where a traceback would bury the reason.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.code = f"pazpaz-opentelemetry: {reason}"
