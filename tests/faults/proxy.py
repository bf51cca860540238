"""A TCP proxy that can be cut, hold everything back, or be slow: what is wrong between two programs."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from typing import Literal, Self

from tests.programs import free_port

Mode = Literal["pass", "refuse", "black hole", "slow"]
_DELAY = 1.0


class Proxy:
    """Passes bytes on to a port of 127.0.0.1, as its mode has it.

    Args:
        target: the port behind it.
    """

    def __init__(self, target: int) -> None:
        self.port = free_port()
        self._target = target
        self._mode: Mode = "pass"
        self._listener: socket.socket | None = None
        self._open: set[socket.socket] = set()
        self._held: set[socket.socket] = set()

    @property
    def endpoint(self) -> str:
        """Where it is asked."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._listen()
        return self

    def __exit__(self, *_: object) -> None:
        self.become("refuse")

    def become(self, mode: Mode) -> None:
        """Change what is wrong; connections that are open end."""
        self._mode = mode
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        while self._held:
            self._held.pop().close()
        if mode == "refuse" and self._listener is not None:
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        elif mode != "refuse" and self._listener is None:
            self._listen()

    def _listen(self) -> None:
        listener = socket.create_server(("127.0.0.1", self.port), backlog=128)
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            if self._mode == "black hole":
                self._held.add(connection)
                continue
            self._open.add(connection)
            if self._mode == "slow":
                time.sleep(_DELAY)
            try:
                onward = socket.create_connection(("127.0.0.1", self._target), timeout=5)
            except OSError:
                connection.close()
                continue
            self._open.add(onward)
            for source, sink in ((connection, onward), (onward, connection)):
                threading.Thread(target=self._pass, args=(source, sink), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if self._mode == "slow":
                    time.sleep(_DELAY)
                sink.sendall(data)
        for end in (source, sink):
            self._open.discard(end)
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
