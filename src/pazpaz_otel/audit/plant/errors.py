"""Plant in the events, scopes, breadcrumbs, sessions and spans of Sentry's SDK."""

from __future__ import annotations

import sentry_sdk

from pazpaz_otel.audit.canaries import KEY_VARIANTS
from pazpaz_otel.audit.plant.registry import NARROW, Surfaces

SENTRY = Surfaces("sentry")


def _report() -> None:
    try:
        raise RuntimeError("the note could not be saved")  # noqa: TRY301 - an application's own
    except RuntimeError as error:
        sentry_sdk.capture_exception(error)


@SENTRY("exception", NARROW)
def _exception(text: str) -> None:
    try:
        note = {"client": text}
        raise ValueError(f"no client {note}")  # noqa: TRY301 - an application's own
    except ValueError as error:
        error.add_note(text)
        sentry_sdk.capture_exception(error, extra={text: text})


@SENTRY("message", NARROW)
def _message(text: str) -> None:
    sentry_sdk.capture_message(text)
    sentry_sdk.capture_message(f"saved {text}", level="error", fingerprint=[text])


@SENTRY("event", NARROW)
def _event(text: str) -> None:
    sentry_sdk.capture_event({"message": text, "logger": text, "transaction": text, "extra": {text: text}})


@SENTRY("scope", NARROW)
def _scope(text: str) -> None:
    with sentry_sdk.new_scope() as scope:
        scope.set_tag("client", text)
        scope.set_tag("request_id", text)
        scope.set_extra("client", text)
        scope.set_context("client", {"name": text, text: 1})
        scope.set_user({"id": text, "username": text, "email": text, "ip_address": text})
        scope.set_transaction_name(text)
        scope.fingerprint = [text]
        scope.add_attachment(bytes=text.encode(), filename=f"{text}.txt")
        _report()


@SENTRY("key", KEY_VARIANTS)
def _key(text: str) -> None:
    with sentry_sdk.new_scope() as scope:
        scope.set_tag(text[:30], "1")
        scope.set_context(text, {"a": 1})
        _report()


@SENTRY("breadcrumb", NARROW)
def _breadcrumb(text: str) -> None:
    sentry_sdk.add_breadcrumb(category=text, message=text, data={"url": f"/clients/{text}", text: text}, type=text)
    _report()


@SENTRY("session", ("plain",))
def _session(text: str) -> None:
    with sentry_sdk.isolation_scope() as scope:
        scope.set_user({"id": text, "ip_address": text})
        scope.start_session()
        scope.end_session()


@SENTRY("span", ("plain", "identifier"))
def _span(text: str) -> None:
    with (
        sentry_sdk.start_transaction(name=text, op=text, sampled=True) as transaction,
        transaction.start_child(op=text, name=text) as span,
    ):
        span.set_data("client", text)
        _report()
