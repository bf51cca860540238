"""Every exception this package raises; a leaf module, so that any other may import it.

Exception
 ├── ValueError
 │    └── PazPazOtelError
 │         ├── PolicyError      a policy file that can't be used
 │         ├── SettingsError    an environment variable that can't be used
 │         └── PatchError       a release moved what the guards stand on

A message names what is wrong, where, and the cure. It never repeats a value that came from outside the policy
or the settings themselves.
"""

from __future__ import annotations


class PazPazOtelError(ValueError):
    """The base of every error this package raises."""


class PolicyError(PazPazOtelError):
    """A policy that can't be used.

    Args:
        problem: what is wrong.
        file: the policy's file, as the user named it.
        line: the line, counted from 1, where it is known.
        cure: what to write instead.
    """

    def __init__(self, problem: str, *, file: str, line: int | None = None, cure: str | None = None) -> None:
        self.problem = problem
        self.file = file
        self.line = line
        self.cure = cure
        where = file if line is None else f"{file}:{line}"
        super().__init__(f"{where}: {problem}" + (f" ({cure})" if cure else ""))


class SettingsError(PazPazOtelError):
    """An environment variable that can't be used; the message names the variable and what it takes."""


class PatchError(PazPazOtelError):
    """A private name of another package that the guards need isn't there; the message says which, in which release."""
