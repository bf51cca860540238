# ruff: noqa
"""Everyday idioms: structlog."""

from __future__ import annotations

from ground import *

logger = logging.getLogger(__name__)
logger.setLevel(logging.DEBUG)


@idiom("struct told of {patient}")
def case_127():
    slog.info(f"struct told of {patient}", who=email)


@idiom("struct_new_event")
def case_128():
    structlog.get_logger().bind(who=patient).new(kind="fresh").warning("struct_new_event", n=3)


@idiom("struct_bound_reason")
def case_129():
    log = slog.bind(reason="struct_bound_reason")
    log.info("bound_event", who=patient)


@idiom("struct_context_step")
def case_130():
    with structlog.contextvars.bound_contextvars(step="struct_context_step"):
        structlog.wrap_logger(
            logging.getLogger("struct.ctx"),
            processors=[structlog.contextvars.merge_contextvars, structlog.stdlib.render_to_log_kwargs],
            wrapper_class=structlog.stdlib.BoundLogger,
        ).warning("ctx_event", who=patient)


@idiom("struct critical for {patient}")
def case_131():
    try:
        raise ValueError(f"struct critical for {patient}")
    except ValueError:
        slog.critical("boom", exc_info=True)


@idiom("struct error by %s")
def case_132():
    slog.error("struct error by %s", patient)
