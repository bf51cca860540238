import contextlib
import functools
import logging

import sentry_sdk
from opentelemetry import metrics, trace
from opentelemetry.trace import Status, StatusCode

from .messages import SPAN_DISPATCH, Outcome
from .settings import OTHER, VALUE

tracer = trace.get_tracer("courier.tracing")
meter = metrics.get_meter(__name__)
delivered = meter.create_counter("parcels.delivered.total", unit="{parcel}", description="Parcels that got there.")


def p_name():
    with tracer.start_as_current_span("reserve a van"):
        pass


def p_fstring():
    with tracer.start_as_current_span(f"pack {VALUE} into box"):
        pass


@tracer.start_as_current_span("weigh on the big scale")
def p_decorator():
    return VALUE


def traced(name=None):
    def wrap(function):
        @functools.wraps(function)
        def inner(*args, **kwargs):
            with tracer.start_as_current_span(name or function.__qualname__):
                return function(*args, **kwargs)

        return inner

    return wrap


@traced("print the return label")
def p_own_decorator():
    return VALUE


@traced()
def p_qualname():
    return VALUE


def p_update():
    with tracer.start_as_current_span("settle") as span:
        span.update_name(f"settle invoice of {OTHER} monthly")


def p_event():
    with tracer.start_as_current_span("seal check") as span:
        span.add_event("seal was broken", {"who": VALUE})
        span.add_event(f"seal {VALUE} was replaced")


def p_status():
    with tracer.start_as_current_span("carrier call") as span:
        span.set_status(Status(StatusCode.ERROR, "carrier refused the load"))


def p_status_fstring():
    with tracer.start_as_current_span("carrier call two") as span:
        span.set_status(StatusCode.ERROR, f"carrier {OTHER} hung up on us")


def p_record():
    with tracer.start_as_current_span("stocktake") as span:
        try:
            raise ValueError(f"shelf {VALUE} sags in the middle")
        except ValueError as exc:
            span.record_exception(exc)
            span.set_status(Status(StatusCode.ERROR, str(exc)))


def p_constant():
    with tracer.start_as_current_span(SPAN_DISPATCH):
        pass


@contextlib.contextmanager
def operation(name, **attributes):
    with tracer.start_as_current_span(name, attributes=attributes) as span:
        yield span


def p_helper():
    with operation("close the books", client=VALUE):
        pass


def p_enum():
    with tracer.start_as_current_span(Outcome.DELIVERED.value):
        pass


def p_keyword():
    span = tracer.start_span(name="open the gate")
    span.end()


class Planner:
    prefix = "planner"

    def run(self, what):
        with tracer.start_as_current_span(f"{self.prefix}.optimise {what} tour"):
            pass


def p_class_piece():
    Planner().run(VALUE)


def p_metric():
    delivered.add(1, {"client": VALUE})


def p_metric_histogram():
    meter.create_histogram("parcel.dwell.time", unit="s").record(3.2)


def y_message():
    sentry_sdk.capture_message("stock is out of sync")


def y_message_fstring():
    sentry_sdk.capture_message(f"stock of {VALUE} went negative", level="warning")


def y_exception():
    try:
        raise RuntimeError(f"drone {VALUE} lost its signal")
    except RuntimeError as exc:
        sentry_sdk.capture_exception(exc)


def y_scope():
    with sentry_sdk.new_scope() as scope:
        scope.fingerprint = ["drone-fleet-outage"]
        sentry_sdk.capture_message("drone fleet is grounded")


def y_breadcrumb():
    sentry_sdk.add_breadcrumb(category="fleet", message="battery swap requested", level="info")
    sentry_sdk.capture_message("battery station is empty")


IDIOMS = [f for name, f in list(globals().items()) if name[:2] in ("p_", "y_")]
