"""What a kind is made of: the fields that one file of `kinds/` fills in, and every enforcer reads.

A shape is a full match over a bounded alphabet and length. Patterns are written in the common subset of Python's `re`,
RE2 (the Collector) and ECMAScript (the browser), so that one text serves all three.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Scalar = str | bool | int | float


class Prover(Protocol):
    """What a kind may ask of the running process; the guards implement it."""

    def route(self, value: str) -> bool:
        """Return whether the application registered exactly this route template."""

    def host(self, value: str) -> bool:
        """Return whether a host, with or without a port, is known from the policy or the configuration."""

    def sql(self, value: str, dialect: str) -> str | None:
        """Return a statement without literals, comments and unknown names, or None if it doesn't parse."""

    def sql_operation(self, value: str) -> str | None:
        """Return an operation of SQL in its usual spelling, or None."""

    def identifier(self, value: str) -> bool:
        """Return whether a table or column has this name."""

    def database(self, value: str) -> str | None:
        """Return the name of a known database; of a file, its last part."""

    def database_user(self, value: str) -> bool:
        """Return whether the application connects to a database as this account."""

    def redis(self, value: str) -> str | None:
        """Return Redis commands with `?` for every argument, or None."""

    def redis_name(self, value: str) -> bool:
        """Return whether this is a command of Redis, or several."""

    def module(self, value: str) -> bool:
        """Return whether a module of this name is loaded."""

    def class_name(self, value: str) -> bool:
        """Return whether a loaded class has this name, or an exception's class has it without its module."""

    def function(self, value: str, *, module: str | None = None, file: str | None = None) -> bool:
        """Return whether a loaded module has this function.

        Args:
            value: the function's name, qualified by its module where neither `module` nor `file` is given.
            module: the module's name.
            file: the path of the module's file.
        """

    def rpc(self, service: str, method: str | None = None) -> bool:
        """Return whether the process has a descriptor of this service of Protocol Buffers, with this method."""

    def file(self, value: str) -> str | None:
        """Return a loaded module's file relative to its package, or None."""

    def text(self, value: str) -> str | None:
        """Return a text that the program's source or one of the policy's messages proves, or None."""

    def stacktrace(self, value: str) -> str | None:
        """Return a stack trace without source lines and unproven text."""

    def version(self, value: str) -> bool:
        """Return whether this is the version of an installed distribution, or configured."""

    def configured(self, value: str) -> bool:
        """Return whether the operator configured exactly this text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KindType:
    """One kind of value.

    A kind is judged by its `shape` (text), by its `bounds` (numbers), by its policy's own parameter, or by `prove`.

    Raises:
        ValueError: nothing can judge a value of this kind, or its shape isn't anchored.
    """

    name: str
    """As a policy writes it."""
    belongs: str
    """What belongs to it, for the tables of the documentation: a noun phrase."""
    handling: str
    """What becomes of a value: completes "its value …"."""
    shape: str | None = None
    """The anchored pattern of its texts."""
    refused: str | None = None
    """The anchored pattern of texts that have the shape and still don't belong."""
    bounds: tuple[float, float] | None = None
    """The least and the greatest number, inclusive."""
    whole: bool = False
    """Whether its numbers are integers only."""
    lower: bool = False
    """Whether its texts leave in lower case."""
    parameter: Literal["values", "bounds"] | None = None
    """What a policy has to say beside the name: the members of an enumeration, or the bounds of a number."""
    boolean: bool = False
    prove: Callable[[str, Mapping[str, Any], Prover], str | None] | None = None
    """Judge a text by what the running process knows: the text as it may leave, or None.

    Args: the text, the attributes that stand beside it, and whom to ask. The shape alone is then no proof: it is what
    a receiver that believes its sender still asks for."""
    untrusted: str | None = None
    """The anchored pattern that the Collector takes from senders it doesn't trust, of a kind with a runtime proof;
    `{hosts}` in it stands for the policy's hosts. None: nothing is taken."""
    browser: bool = False
    """Whether the browser's guard can prove it, of a kind with a runtime proof."""
    written: bool = False
    """Whether the statement that writes a value may prove it, by having it as a text of its own."""
    remembered: bool = True
    """Whether the guards remember values that belong; not where they are many by nature."""
    accepts: tuple[Scalar, ...] = ()
    """Values that belong, for tests, documentation and the audit; of a kind with a runtime proof: that have its shape
    and aren't proven."""
    refuses: tuple[Scalar, ...] = ()
    """Values that don't belong, whoever judges them."""
    chance: bool = False
    """Whether its values are random by nature: hexadecimal digits may spell anything, and a patient's are like
    anyone's."""

    def __post_init__(self) -> None:
        """Refuse a kind that nothing can judge."""
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
        """Whether only the running process proves its values."""
        return self.prove is not None
