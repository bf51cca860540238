import asyncio
import functools
import inspect
import logging
from contextlib import contextmanager

import sentry_sdk
from opentelemetry import metrics, trace
from opentelemetry.trace import SpanKind, StatusCode

from .config import NUMBER, OTHER, VALUE
from .vocabulary import Cancellation

tracer = trace.get_tracer(__name__)
meter = metrics.get_meter("stalls.metrics")
SPANS = {"sell": "sell a ticket"}


def w_dict():
    with tracer.start_as_current_span(SPANS["sell"]):
        pass


def w_attr():
    with tracer.start_as_current_span("fold a programme", attributes={"guest": OTHER}, kind=SpanKind.INTERNAL):
        pass


def w_format():
    with tracer.start_as_current_span("wipe seat {}".format(VALUE)):
        pass


def w_percent():
    with tracer.start_as_current_span("polish seat %s" % VALUE):
        pass


def w_concat():
    with tracer.start_as_current_span("paint seat " + VALUE):
        pass


@tracer.start_as_current_span("hang the backdrop")
async def w_async_decorator():
    await asyncio.sleep(0)


def instrument(function=None, *, name=None):
    def wrap(f):
        label = name or f"{f.__module__}.{f.__qualname__}"

        @functools.wraps(f)
        def inner(*args, **kwargs):
            with tracer.start_as_current_span(label):
                return f(*args, **kwargs)

        return inner

    return wrap(function) if function else wrap


@instrument
def w_bare():
    pass


@instrument(name="rehearse the fight")
def w_named():
    pass


class Base:
    operation = "base operation"

    def __call__(self):
        with tracer.start_as_current_span(self.operation) as span:
            span.add_event(f"{self.operation} reached {VALUE}")


class Light(Base):
    operation = "light the candles"


def w_class():
    Light()()


def w_type_name():
    with tracer.start_as_current_span(f"{Light.__name__}.call"):
        pass


def w_current():
    with tracer.start_as_current_span("greet"):
        trace.get_current_span().update_name("greet the audience")


def w_event_const():
    with tracer.start_as_current_span("x1"):
        trace.get_current_span().add_event("applause began", {"kind": "loud", "guest": OTHER})


def w_status():
    with tracer.start_as_current_span("x2") as span:
        try:
            raise OSError(f"curtain motor {VALUE} smokes")
        except OSError as exc:
            span.set_status(StatusCode.ERROR, f"curtain trouble: {exc}")


def w_status_const():
    with tracer.start_as_current_span("x3") as span:
        span.set_status(StatusCode.ERROR, Cancellation.STRIKE.value)


def w_record_attrs():
    with tracer.start_as_current_span("x4") as span:
        span.record_exception(ValueError(f"bell {VALUE} rang too early"))


@contextmanager
def step(title, guest=None):
    with tracer.start_as_current_span(f"step: {title}") as span:
        yield span


def w_step():
    with step("sweep the whole stage"):
        pass


def w_step_short():
    with step("bow"):
        pass


def w_start_span():
    span = tracer.start_span("count the till")
    with trace.use_span(span, end_on_exit=True):
        pass


def w_counter():
    meter.create_counter("stalls.tickets.sold").add(1)


def w_gauge():
    meter.create_up_down_counter("stalls.guests.inside").add(3)


def w_observable():
    meter.create_observable_gauge("stalls.queue.length", [lambda options: [metrics.Observation(3)]])


def x_message():
    sentry_sdk.capture_message(f"guest {OTHER} pressed the alarm", "error")


def x_const():
    sentry_sdk.capture_message("smoke was seen in the attic")


def x_log():
    logging.getLogger(__name__).error("sprinkler %s went off for no reason", VALUE)


def x_exception():
    try:
        raise OverflowError(f"bucket under leak {VALUE} is full")
    except OverflowError:
        sentry_sdk.capture_exception()


def x_new_scope():
    with sentry_sdk.new_scope() as scope:
        scope.set_tag("guest", OTHER)
        scope.set_transaction_name("close the house")
        sentry_sdk.capture_message("house was closed early")


IDIOMS = [f for n, f in list(globals().items()) if n[:2] in ("w_", "x_")]
