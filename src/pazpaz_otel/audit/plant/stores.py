"""The surfaces of a store that no server need run for: Redis commands, as sent and as failed."""

from __future__ import annotations

import importlib
import importlib.util

from pazpaz_otel.audit.plant.registry import NARROW, Surfaces


def stores() -> Surfaces:
    """Plant on the surfaces of Redis; there are none where its client isn't installed."""
    surfaces = Surfaces("redis")
    if importlib.util.find_spec("redis") is None:
        return surfaces
    redis = importlib.import_module("redis")
    # Nothing listens there: the instrumentation makes its span all the same, with the command and the error.
    client = redis.Redis(host="127.0.0.1", port=1, socket_connect_timeout=0.2, retry=None)

    @surfaces("command", NARROW)
    def _command(text: str) -> None:
        for command in (
            ("SET", f"client:{text}", text),
            ("GET", text),
            (text, "key"),
            ("EVAL", f"return '{text}'", 0),
            ("HSET", "clients", text, text),
        ):
            _tried(lambda command=command: client.execute_command(*command))

    @surfaces("pipeline", NARROW)
    def _pipeline(text: str) -> None:
        with client.pipeline() as pipe:
            pipe.set(text, text)
            pipe.execute_command(text)
            _tried(pipe.execute)

    def _tried(action: object) -> None:
        try:
            action()  # type: ignore[operator]
        except redis.RedisError:
            return

    return surfaces
