"""Emit telemetry that developers need and that holds no patient data, and list the facts that must arrive."""

from __future__ import annotations

import logging
import random
import uuid
from typing import TYPE_CHECKING, Final

from opentelemetry import trace
from opentelemetry._logs import LogRecord, get_logger

from pazpaz_otel.policy import KIND_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pazpaz_otel.audit.facts import Fact
    from pazpaz_otel.policy import Kind, Policy

_FREE: Final = 8
"""The number of leading digits that are random in every kind of identifier."""


def emit_useful(policy: Policy, seed: int) -> list[Fact]:
    """Emit facts, and return those that must arrive.

    Args:
        policy: the policy in force; each of its keys whose kind needs no process gets a value that belongs.
        seed: the seed of the random identifiers.
    """
    facts: list[Fact] = []
    tracer, log = trace.get_tracer(__name__), get_logger(__name__)
    chance = random.Random(seed)  # noqa: S311 - identifiers of nobody
    for key, rule in policy.attributes.items():
        value = _sample(rule.kind, chance) if rule.fits("signal") else None
        if value is not None:
            with tracer.start_as_current_span("useful attribute", attributes={key: value}):
                log.emit(LogRecord(body="useful attribute", attributes={key: value}))
            facts += [("span.attribute", key, _text(value)), ("log.attribute", key, _text(value))]
    facts += _emit_text()
    return facts


def _emit_text() -> list[Fact]:
    logger = logging.getLogger("practice.notes")
    client = uuid.uuid4().hex
    with trace.get_tracer(__name__).start_as_current_span("save session note") as span:
        span.add_event("note encrypted")
        logger.info("session note saved for %s", client)
        try:
            raise RuntimeError("the clinic is closed")  # noqa: TRY301 - an application's own
        except RuntimeError as error:
            span.record_exception(error)
            logger.exception("the note could not be saved")
    return [
        ("span.name", "", "save session note"),
        ("span.event.name", "", "note encrypted"),
        ("span.event.name", "", "exception"),
        ("span.event.attribute", "exception.type", "RuntimeError"),
        ("span.event.attribute", "exception.message", "the clinic is closed"),
        ("span.scope.name", "", __name__),
        ("log.body", "", "session note saved for %s"),
        ("log.body", "", "the note could not be saved"),
        ("log.severity", "", "INFO"),
        ("log.severity", "", "ERROR"),
        ("log.attribute", "exception.type", "RuntimeError"),
        ("log.attribute", "exception.message", "the clinic is closed"),
        ("log.scope.name", "", __name__),
    ]


def _sample(kind: Kind, chance: random.Random) -> str | int | float | bool | None:
    if kind.name == "enum":
        return kind.values[-1]
    if kind.name == "number":
        return kind.minimum
    kind_type = KIND_TYPES[kind.name]
    if kind_type.needs_process or not kind_type.accepts:
        return None
    sample = kind_type.accepts[0]
    if kind_type.chance and isinstance(sample, str):
        return "".join(chance.choice("0123456789abcdef") if new else digit for digit, new in _digits(sample))
    return sample


def _digits(sample: str) -> Iterator[tuple[str, bool]]:
    """Yield each character of a random identifier, and whether another hexadecimal digit may take its place."""
    for place, digit in enumerate(sample):
        # The version and variant of a UUID stand further behind.
        yield digit, digit.isalnum() and place < _FREE


def _text(value: str | float) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.15g}" if isinstance(value, (int, float)) else value
