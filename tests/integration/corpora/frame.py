"""Registers idioms, runs each in a trace of its own, and says its name."""
import asyncio
import inspect
import os

from opentelemetry import context, trace

IDIOMS = []


class Person:
    name = os.environ["IDIOM_OTHER"]
    email = os.environ["IDIOM_VALUE"] + "@mail.example"
    phone = "+49 " + os.environ["IDIOM_NUMBER"]
    id = int(os.environ["IDIOM_NUMBER"])


def idiom(function):
    IDIOMS.append(function)
    return function


def main():
    tracer = trace.get_tracer(__name__)
    for function in IDIOMS:
        span = tracer.start_span("idiom")
        token = context.attach(trace.set_span_in_context(span))
        try:
            result = function(Person)
            if inspect.iscoroutine(result):
                asyncio.run(result)
        except Exception as error:
            span.record_exception(error)
        finally:
            context.detach(token)
            span.end()
        print(function.__name__, flush=True)
