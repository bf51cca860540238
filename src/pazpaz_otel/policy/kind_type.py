"""The definition of a kind: each file in `kinds/` fills in these fields, and every enforcer reads them.

A shape is an anchored pattern over a bounded alphabet and length, written in the common subset of Python's `re`, RE2
(the Collector) and ECMAScript (the browser), so that all three use the same text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

Scalar = str | bool | int | float


def exact(text: object) -> str | None:
    """Return a plain copy of a text, or None for anything else.

    A subclass of `str` may override printing, comparison and length, and any object may claim another class; none of
    their code is called.
    """
    if type(text) is str:
        return text
    return str.__str__(text) if issubclass(type(text), str) else None


class Prover(Protocol):
    """The questions a kind may ask about the running process; the guards answer them."""

    def route(self, value: str) -> bool:
        """Return whether the application registered exactly this route template."""

    def host(self, value: str) -> bool:
        """Return whether the policy or the configuration names this host; the port may be present or absent."""

    def sql(self, value: str, dialect: str) -> str | None:
        """Return the statement without literals, comments and unknown names, or None if it doesn't parse."""

    def sql_operation(self, value: str) -> str | None:
        """Return the SQL operation in its canonical spelling, or None."""

    def identifier(self, value: str) -> bool:
        """Return whether a table or column has this name."""

    def database(self, value: str) -> str | None:
        """Return the name of a known database (for a file, its last path component), or None."""

    def database_user(self, value: str) -> bool:
        """Return whether the application connects to a database as this user."""

    def redis(self, value: str) -> str | None:
        """Return Redis commands with `?` for every argument, or None."""

    def redis_name(self, value: str) -> bool:
        """Return whether this is a Redis command, or a sequence of them."""

    def module(self, value: str) -> bool:
        """Return whether a module of this name is loaded."""

    def class_name(self, value: str) -> bool:
        """Return whether a loaded class has this qualified name, or an exception class this bare name."""

    def function(self, value: str, *, module: str | None = None, file: str | None = None) -> bool:
        """Return whether a loaded module has this function.

        Args:
            value: the function's name, qualified by its module if neither `module` nor `file` is given.
            module: the module's name.
            file: the path of the module's file.
        """

    def rpc(self, service: str, method: str | None = None) -> bool:
        """Return whether the process can serve or call this service and, if given, this method of it."""

    def file(self, value: str) -> str | None:
        """Return the path of a loaded module's file relative to its package, or None."""

    def text(self, value: str) -> str | None:
        """Return the text if the program's source or one of the policy's messages proves it, or None."""

    def stacktrace(self, value: str) -> str | None:
        """Return the stack trace without source lines or unproven text."""

    def version(self, value: str) -> bool:
        """Return whether this is a configured version, or the version of an installed distribution."""

    def configured(self, value: str) -> bool:
        """Return whether the operator configured exactly this text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KindType:
    """One kind of value.

    A kind judges values by its `shape` (text), its `bounds` (numbers), a parameter in the policy, or `prove`.

    Raises:
        ValueError: the kind has no way to judge a value, or its shape isn't anchored.
    """

    name: str
    """The kind's name in a policy."""
    belongs: str
    """Which values belong to the kind, as a noun phrase for the documentation's tables."""
    handling: str = ""
    """What happens to a value, completing the sentence "its value …"; empty for "leaves if it is" what belongs."""
    shape: str | None = None
    """The anchored pattern of its texts."""
    refused: str | None = None
    """The anchored pattern of texts that match `shape` but don't belong."""
    bounds: tuple[float, float] | None = None
    """The minimum and the maximum, inclusive."""
    whole: bool = False
    """Whether only integers belong."""
    lower: bool = False
    """Whether texts are converted to lower case."""
    parameter: Literal["values", "bounds"] | None = None
    """What the policy must supply beside the name: the members of an enumeration, or the bounds of a number."""
    boolean: bool = False
    prove: Callable[[str, Mapping[str, Any], Prover], str | None] | None = None
    """Judge a text by what the running process knows; return the text that may leave, or None.

    Takes the text, the attributes beside it, and the prover. Where a kind has `prove`, its shape proves nothing by
    itself: it is only what the Collector still requires of trusted senders."""
    untrusted: str | None = None
    """The anchored pattern that the Collector accepts from untrusted senders, for a kind with `prove`. `{hosts}`
    stands for the policy's hosts. None accepts nothing."""
    browser: bool = False
    """Whether the browser's guard can prove values of a kind with `prove`."""
    written: bool = False
    """Whether a literal in the statement that writes the value may prove it."""
    remembered: bool = True
    """Whether guards cache accepted values; False where distinct values are many by nature."""
    accepts: tuple[Scalar, ...] = ()
    """Values that belong, for tests, documentation and the audit. For a kind with `prove`: values that match its shape
    but aren't proven."""
    refuses: tuple[Scalar, ...] = ()
    """Values that no enforcer accepts."""
    chance: bool = False
    """Whether values are random by nature, so that a patient's can't be told from anyone else's."""

    def __post_init__(self) -> None:
        """Raise if the kind has no way to judge a value."""
        judged = (self.shape, self.bounds, self.parameter, self.prove, self.boolean or None)
        if all(way is None for way in judged):
            raise ValueError(f"the kind `{self.name}` has no way to judge a value: give it a shape, bounds or a proof")
        if self.prove is not None and self.shape is None:
            raise ValueError(f"the kind `{self.name}` is proven at run time and has no shape for the Collector")
        for pattern in (self.shape, self.refused, self.untrusted):
            if pattern is not None and not (pattern.startswith("^") and pattern.endswith("$")):
                raise ValueError(f"the kind `{self.name}` has a pattern without ^ and $")

    @property
    def needs_process(self) -> bool:
        """Whether only the running process can prove values of this kind."""
        return self.prove is not None
