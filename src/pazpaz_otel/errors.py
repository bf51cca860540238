"""Every exception that this package raises; it imports nothing, so that any module can import it.

Exception
 ├── ValueError
 │    └── PazPazOtelError
 │         ├── LedgerError      a ledger of counts that can't be kept
 │         ├── PolicyError      a policy file that can't be used
 │         │    └── PolicyFileError    one that can't be read
 │         ├── SettingsError    an environment variable that can't be used
 │         ├── PatchError       a release moved what the guards stand on
 │         └── StartRefused     a start that `PAZPAZ_OTEL_STRICT` refuses; also a SystemExit

A message says what is wrong, where, and how to fix it. It never repeats a value that came from outside the policy or
the settings themselves.
"""

from __future__ import annotations

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
    """The base class of this package's errors."""


class PolicyError(PazPazOtelError):
    """A policy that can't be used.

    Args:
        problem: what is wrong.
        file: the policy's file, as the user named it.
        line: the line number, from 1, if known.
        hint: what to write instead.
        others: the policy's other faults, each with its place and hint.
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
        """All faults, this one first."""
        return (self, *self.others)


class PolicyFileError(PolicyError):
    """A policy file that can't be read."""


class SettingsError(PazPazOtelError):
    """An environment variable that can't be used; the message has its name and the expected form."""


class PatchError(PazPazOtelError):
    """A private name of another package that a guard needs is missing; the message has the name and the release."""


class LedgerError(PazPazOtelError):
    """The workers' ledger of counts can't be kept; the message says why without any path."""


class StartRefused(PazPazOtelError, SystemExit):  # noqa: N818 - not an error itself; its text names the error
    """`PAZPAZ_OTEL_STRICT` refuses to start.

    Also a `SystemExit`: if uncaught, Python prints one line and exits with 1, instead of a traceback that hides the
    reason.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.code = f"pazpaz-opentelemetry: {reason}"
