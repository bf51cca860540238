"""Plant in Redis commands, which fail because no server runs; the instrumentation still creates their spans."""

from __future__ import annotations

import contextlib

from pazpaz_otel.audit.plant.registry import NARROW, Surfaces, optional


def stores() -> Surfaces:
    """Return the surfaces of Redis; none if its client isn't installed."""
    surfaces, redis = Surfaces("redis"), optional("redis")
    if redis is None:
        return surfaces
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
            with contextlib.suppress(redis.RedisError):
                client.execute_command(*command)

    @surfaces("pipeline", NARROW)
    def _pipeline(text: str) -> None:
        with contextlib.suppress(redis.RedisError), client.pipeline() as pipe:
            pipe.set(text, text)
            pipe.execute_command(text)
            pipe.execute()

    return surfaces
