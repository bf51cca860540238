"""Whatever a hook of Sentry writes on an event, wherever it stands: nothing of it leaves."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest
import sentry_sdk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.unit.sentry.conftest import Kept

NAME = "Dvora Mizrahi, 305123456"
CRUMB = {"message": NAME, "category": NAME, "type": "http", "level": "info", "data": {"url": f"/{NAME}"}}


def _everything(event: Any, _: Any = None) -> Any:
    event.update(
        message=NAME,
        logentry={"message": NAME, "formatted": NAME, "params": [NAME]},
        logger=NAME,
        transaction=NAME,
        culprit=NAME,
        server_name=NAME,
        release=NAME,
        environment=NAME,
        dist=NAME,
        fingerprint=[NAME],
        modules={NAME: "1"},
        user={"id": "305123456", "email": NAME},
        tags={"client": NAME},
        extra={"client": NAME},
        contexts={"client": {"name": NAME}, "trace": {"op": NAME}},
        request={"url": f"http://localhost/{NAME}", "query_string": NAME, "data": NAME, "headers": {"Cookie": NAME}},
        breadcrumbs={"values": [CRUMB]},
        spans=[{"description": NAME}],
    )
    for value in (event.get("exception") or {}).get("values", ()):
        value.update(type=NAME, value=NAME, module=NAME, mechanism={"type": NAME, "data": {"x": NAME}})
        for frame in (value.get("stacktrace") or {}).get("frames", ()):
            frame.update(function=NAME, filename=NAME, abs_path=NAME, context_line=NAME, vars={"client": NAME})
    event[NAME] = NAME
    return event


def _new(_: Any, __: Any = None) -> Any:
    return _everything({"event_id": "305123456" + "0" * 23, "level": NAME, "platform": NAME})


def _raising(_: Any, __: Any = None) -> Any:
    raise ValueError(NAME)


def _before_send(write: Any) -> None:
    sentry_sdk.get_client().options["before_send"] = write


def _event_processor(write: Any) -> None:
    sentry_sdk.get_isolation_scope().add_event_processor(write)


def _global_processor(write: Any) -> None:
    sentry_sdk.get_global_scope().add_event_processor(write)


def _error_processor(write: Any) -> None:
    sentry_sdk.get_isolation_scope().add_error_processor(write)


def _before_breadcrumb(write: Any) -> None:
    def crumb(found: Any, hint: Any) -> Any:
        write({}, hint)
        return {**found, **CRUMB}

    sentry_sdk.get_client().options["before_breadcrumb"] = crumb


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    yield
    sentry_sdk.get_global_scope()._event_processors.clear()
    sentry_sdk.get_isolation_scope()._event_processors.clear()
    sentry_sdk.get_isolation_scope()._error_processors.clear()


HOOKS = (_before_send, _event_processor, _global_processor, _error_processor, _before_breadcrumb)


@pytest.mark.parametrize("write", [_everything, _new, _raising], ids=["everything", "a new event", "raising"])
@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook.__name__.strip("_"))
def test_nothing_that_a_hook_writes_leaves(kept: Kept, hook: Callable[[Any], None], write: Any) -> None:
    """A hook that fills every field, makes an event of its own or raises: nothing of a patient leaves."""
    hook(write)
    logging.getLogger("clinic").warning("before")
    sentry_sdk.add_breadcrumb(message="note opened", category="note")
    try:
        raise LookupError("no such note")
    except LookupError:
        sentry_sdk.capture_exception()
    sentry_sdk.capture_message("note lost")
    assert b"305123456" not in kept.bytes
    assert b"Dvora" not in kept.bytes
    # Sentry itself drops an event whose `before_send` raises.
    assert bool(kept.events) is not (hook is _before_send and write is _raising)
