"""The databases, accounts and hosts in URLs and in parts of addresses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable

_SCHEMES: Final = frozenset(
    """
    postgresql postgres cockroachdb redshift mysql mariadb sqlite mssql oracle redis rediss valkey amqp amqps mongodb
    """.split()
)
_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}")
_LONG_NUMBER: Final = re.compile(r"[0-9]{5}")


class Databases:
    """What is known of the process's databases.

    Args:
        urls: texts that contain URLs; only database URLs count.
        parts: pairs of part (`name`, `user`, `host`) and value.
    """

    def __init__(self, urls: Iterable[str] = (), parts: Iterable[tuple[str, str]] = ()) -> None:
        self.names: set[str] = set()
        self.users: set[str] = set()
        self.hosts: set[str] = set()
        kinds = {"name": self.names, "user": self.users, "host": self.hosts}
        for kind, value in parts:
            self._add(kinds[kind], value)
        for url in urls:
            self.take(url)

    def take(self, text: str) -> None:
        """Record the database that a URL leads to, if it leads to one."""
        try:
            url = urlsplit(text)
            user, host = url.username, url.hostname
        except ValueError:
            return
        if url.scheme.partition("+")[0].lower() not in _SCHEMES:
            return
        path = unquote(url.path).removeprefix("/")
        if path:
            self._add(self.names, path.rsplit("/", 1)[-1])
        if user:
            self._add(self.users, unquote(user))
        if host:
            self._add(self.hosts, host.lower())

    @staticmethod
    def _add(to: set[str], value: str) -> None:
        if is_database_name(value):
            to.add(value)


def is_database_name(text: str) -> bool:
    """Return whether a text is one short name without a long number."""
    return _NAME.fullmatch(text) is not None and _LONG_NUMBER.search(text) is None
