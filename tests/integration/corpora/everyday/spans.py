# ruff: noqa
"""Everyday idioms: spans."""

from __future__ import annotations

from ground import *

logger = logging.getLogger(__name__)
logger.setLevel(logging.DEBUG)


@idiom("span of a helper {who}")
def case_170():
    @contextlib.contextmanager
    def timed(what):
        with tracer.start_as_current_span(what):
            yield

    who = patient
    with timed(f"span of a helper {who}"):
        pass


@idiom("span renamed by a constant")
def case_171():
    NAME = "span renamed by a constant"
    current().update_name(NAME)


@idiom("event by a template of {patient}")
def case_172():
    current().add_event("event by a template of %s" % patient)


@idiom("status by a template of {patient}")
def case_173():
    current().set_status(Status(StatusCode.ERROR, f"status by a template of {patient}"))


@idiom("status of a caught error {patient}")
def case_174():
    try:
        raise ValueError(f"status of a caught error {patient}")
    except ValueError as exc:
        current().record_exception(exc)
        current().set_status(StatusCode.ERROR, str(exc))


@idiom("User.label")
def case_175():
    with tracer.start_as_current_span(user.label.__qualname__):
        pass


@idiom("job.nightly_report")
def case_176():
    def nightly_report():
        pass

    with tracer.start_as_current_span("job." + "nightly_report"):
        pass


@idiom("async span of {who}")
def case_177():
    async def main(who):
        with tracer.start_as_current_span(f"async span of {who}"):
            await asyncio.sleep(0)

    asyncio.run(main(patient))
