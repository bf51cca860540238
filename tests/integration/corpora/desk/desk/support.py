"""Helpers as every code base has them."""
from __future__ import annotations
import contextlib
import functools
import logging
import time

from opentelemetry import trace

log = logging.getLogger(__name__)
tracer = trace.get_tracer("desk.support")


def require(condition, message):
    if not condition:
        raise ValueError(message)


def fail(msg, *args):
    raise RuntimeError(msg % args)


def log_calls(func):
    @functools.wraps(func)
    def wrapper(*args, **kwargs):
        log.debug("Entering %s", func.__name__)
        try:
            return func(*args, **kwargs)
        except Exception:
            log.exception("Call of %s failed", func.__name__)
            raise
    return wrapper


def retry(times, message="Giving up after {times} attempts"):
    def decorate(func):
        @functools.wraps(func)
        def inner(*a, **kw):
            for attempt in range(1, times + 1):
                try:
                    return func(*a, **kw)
                except OSError as exc:
                    log.warning(f"Attempt {attempt} of {times} for {func.__name__} failed: {exc}")
            raise TimeoutError(message.format(times=times))
        return inner
    return decorate


@contextlib.contextmanager
def stage(name):
    with tracer.start_as_current_span(name):
        log.info("Stage %s started", name)
        yield
        log.info("Stage " + name + " finished")


@contextlib.contextmanager
def timed(what):
    begin = time.perf_counter()
    try:
        yield
    finally:
        log.info("%s took %.3f seconds", what, time.perf_counter() - begin)


class Audited:
    """Mixin with a logger of its own."""

    @property
    def logger(self):
        return logging.getLogger(f"{type(self).__module__}.{type(self).__name__}")

    def audit(self, action, **fields):
        self.logger.info(f"Audit: {action}", extra=fields)


class Adapter(logging.LoggerAdapter):
    def process(self, msg, kwargs):
        return f"[{self.extra['queue']}] {msg}", kwargs


def traced(name=None):
    def decorate(func):
        label = name or func.__qualname__
        @functools.wraps(func)
        def inner(*a, **kw):
            with tracer.start_as_current_span(label):
                return func(*a, **kw)
        return inner
    return decorate
