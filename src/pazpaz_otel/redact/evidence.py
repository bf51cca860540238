"""What the running process knows for certain: its routes, hosts, databases and configuration.

A runtime kind is proven by membership in one of these sets, never by a value's shape. `integrations`, which sees the
application, adds the evidence; the guards only query it.
"""

from __future__ import annotations

import contextlib
import copy
import ipaddress
import re
import sys
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from pazpaz_otel import forks
from pazpaz_otel.policy.kinds.configuration import CONFIGURED_SHAPE
from pazpaz_otel.redact import versions
from pazpaz_otel.redact.databases import Databases, is_database_name
from pazpaz_otel.redact.registered_words import RegisteredWords
from pazpaz_otel.redact.rpc_services import RpcServices
from pazpaz_otel.redact.sql.source_names import SOURCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1", "[::1]", "0.0.0.0", "::"})  # noqa: S104
_LOOPBACK_NETWORK: Final = ipaddress.ip_network("127.0.0.0/16")
_IPV6: Final = 6
_CONFIGURED: Final = re.compile(CONFIGURED_SHAPE.removesuffix("$") + r"\Z")
_ROUTE: Final = re.compile(r"[^\s#\x00-\x1f]{1,512}")
_TASK: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.:<>/-]{0,126}")
_LONG_NUMBER: Final = re.compile(r"[0-9]{5}")
_IN_MEMORY: Final = ":memory:"
_MAX_MISSES: Final = 1024
UNNAMED_SERVICE: Final = "unknown_service"
"""The SDK's name for a service without a configured name."""


class Evidence:
    """The evidence of one process.

    Args:
        hosts: the host names in the policy.
        identifiers: the SQL identifiers in the policy.
        configured: the values of the resource attributes in the process's environment that the policy treats as
            configuration.
        urls: the values in the process's environment that are URLs. They prove their hosts and, for database URLs, the
            databases and accounts.
        databases: parts of database addresses in the environment, as pairs of part (`name`, `user`, `host`) and value.
    """

    def __init__(
        self,
        *,
        hosts: Iterable[str] = (),
        identifiers: Iterable[str] = (),
        configured: Iterable[str] = (),
        urls: Iterable[str] = (),
        databases: Iterable[tuple[str, str]] = (),
    ) -> None:
        self._lock = forks.lock()
        self._identifiers = set(identifiers)
        self._configured = {UNNAMED_SERVICE, *(text for text in configured if is_configuration(text))}
        urls = tuple(urls)
        self._hosts = {*_LOOPBACK, *(host.lower() for host in hosts), *_hosts_of(urls)}
        self._configured_databases = Databases(urls, databases)
        self._hosts |= self._configured_databases.hosts
        self._registered: set[str] = set()
        self._routes: set[str] = set()
        self._words = RegisteredWords()
        self.rpc_services: Final = RpcServices()
        self._known_tasks: set[str] = set()
        self._tasks: set[str] = set()
        self._task_sources: list[Callable[[], Iterable[str]]] = []
        self._route_sources: list[Callable[[], Iterable[str]]] = []
        self._missed_routes: dict[str, int] = {}

    @property
    def epoch(self) -> int:
        """A number that changes whenever something refused before may have become proven."""
        # A module loaded since may contain what wasn't known.
        return len(self._known_tasks) + len(sys.modules)

    def add_routes(self, source: Callable[[], Iterable[str]]) -> None:
        """Register an application; `source` returns its current route templates."""
        with self._lock:
            self._route_sources.append(source)
            self._missed_routes.clear()

    def unproven_routes(self) -> int:
        """Return how many registered routes have words in their paths that the source hasn't."""
        with self._lock:
            self._read_routes()
        return sum(
            _ROUTE.fullmatch(route) is not None and not self._words.make_path(route) for route in self._registered
        )

    def add_models(self, modules: Callable[[], Iterable[str]]) -> None:
        """Register a framework's models, which may be an installed package's; `modules` returns where they are now."""
        SOURCE.add_models(modules)

    def add_words(self, source: Callable[[], Iterable[str]]) -> None:
        """Register the configuration; `source` returns what routes begin with now, and names of queues."""
        self._words.add(source)

    def add_tasks(self, names: Iterable[str]) -> None:
        """Add functions that are registered as jobs, and the queues that deliver them."""
        self._known_tasks.update(filter(is_task_name, names))

    def add_task_source(self, source: Callable[[], Iterable[str]]) -> None:
        """Add a registry of jobs; `source` returns their current names."""
        self._task_sources.append(source)

    def task(self, value: str) -> bool:
        """Return whether a job or a queue is registered by this name, which the source is able to make."""
        if value in self._tasks:
            return True
        for source in self._task_sources:
            with contextlib.suppress(Exception):
                self._known_tasks.update(filter(is_task_name, source()))
        # Also without its function's module.
        for name in list(self._known_tasks):
            if value in {name, name.rpartition(".")[2]} and self._words.make_name(name):
                self._tasks.add(value)
                return True
        return False

    def route(self, value: str) -> bool:
        """Return whether the application has a route with exactly this template, which the source is able to make."""
        if value in self._routes:
            return True
        if not _ROUTE.fullmatch(value) or not self._is_registered(value) or not self._words.make_path(value):
            return False
        self._routes.add(value)
        return True

    def host(self, value: str) -> bool:
        """Return whether a host (the port is optional) is loopback, in the policy or in the configuration."""
        name = value.lower()
        if name in self._hosts or name in SOURCE.databases().hosts:
            return True
        if name.count(":") == 1:
            name, _, port = name.partition(":")
            return name in self._hosts and port.isascii() and port.isdigit() and len(port) <= len("65535")
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return False
        # Of IPv4's sixteen million loopback addresses, only those in common use; an IPv6 zone's name is free text.
        return address in _LOOPBACK_NETWORK or (address.is_loopback and address.version == _IPV6 and "%" not in name)

    def database(self, value: str) -> str | None:
        """Return a database's name (a file's last path component) if the configuration or source has it, else None.

        A connection proves nothing: an application may have a database for each client, under the client's name.
        """
        last = value.replace("\\", "/").rsplit("/", 1)[-1]
        if last == _IN_MEMORY:
            return last
        if not is_database_name(last):
            return None
        for databases in (self._configured_databases, SOURCE.databases()):
            if value in databases.names or last in databases.names:
                return last
        return last if SOURCE.has_file(last) else None

    def database_user(self, value: str) -> bool:
        """Return whether the configuration or the source connects to a database as this user."""
        return value in self._configured_databases.users or value in SOURCE.databases().users

    def identifier(self, value: str) -> bool:
        """Return whether the application's source or the policy has a table, column or label of this name."""
        return value in self._identifiers or SOURCE.knows(value)

    def function(self, value: str) -> bool:
        """Return whether the application's source defines a function or class of this name."""
        return SOURCE.has_function(value)

    def statement(self, value: str) -> str | None:
        """Return the matching statement in the application's source, or None."""
        return SOURCE.statement(value)

    def configured(self, value: str) -> bool:
        """Return whether the process's configuration has this name."""
        return value in self._configured

    def version(self, value: str) -> bool:
        """Return whether this is the version of an installed distribution or of Python, or a configured one."""
        return value in self._configured or versions.is_installed(value)

    def add_versions(self, configured: Iterable[str]) -> None:
        """Add versions from the process's configuration, such as a release."""
        with self._lock:
            self._configured.update(text for text in configured if text)

    def widened(self, *, hosts: Iterable[str], identifiers: Iterable[str]) -> Evidence:
        """Return this evidence with the host names and SQL identifiers of another policy; it grows with this one."""
        wider = copy.copy(self)
        wider._hosts = self._hosts.union(host.lower() for host in hosts)  # noqa: SLF001
        wider._identifiers = self._identifiers.union(identifiers)  # noqa: SLF001
        return wider

    def _is_registered(self, value: str) -> bool:
        if value in self._registered or not self._route_sources:
            return value in self._registered
        with self._lock:
            # An application may add routes after its start: re-scan for the first misses, then cache the negative
            # result.
            seen = self._missed_routes.get(value, 0)
            if seen > 3:  # noqa: PLR2004
                return False
            if len(self._missed_routes) >= _MAX_MISSES:
                self._missed_routes.clear()
            self._missed_routes[value] = seen + 1
            self._read_routes(value)
        return value in self._registered

    def _read_routes(self, until: str | None = None) -> None:
        for source in self._route_sources:
            # An application's broken route object proves nothing.
            with contextlib.suppress(Exception):
                for route in source():
                    self._registered.add(route)
                    # FastAPI makes the parts of an included route once it is asked for them.
                    if route == until:
                        return


def is_configuration(text: str) -> bool:
    """Return whether a text from the configuration is one line that every enforcer accepts, such as `my shop`."""
    return _CONFIGURED.match(text) is not None


def is_task_name(text: str) -> bool:
    """Return whether a text is a name, such as a job's or a queue's, without a long number."""
    return isinstance(text, str) and _TASK.fullmatch(text) is not None and _LONG_NUMBER.search(text) is None


def _hosts_of(urls: Iterable[str]) -> set[str]:
    hosts = set()
    for url in urls:
        try:
            host = urlsplit(url).hostname
        except ValueError:
            continue
        if host:
            hosts.add(host.lower())
    return hosts
