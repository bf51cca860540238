"""The fixtures of the Sentry room: a started client, and spans."""

from tests.unit.sentry.conftest import guard, kept, spans

__all__ = ["guard", "kept", "spans"]
