"""Writes a patient's name by every way of the standard library and of structlog, its default logger included."""

from __future__ import annotations

import logging
import logging.config
import sys

import structlog

NAME = sys.argv[1]

logging.config.dictConfig(
    {
        "version": 1,
        "formatters": {"plain": {"format": "%(levelname)s %(name)s %(message)s"}},
        "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "plain", "stream": "ext://sys.stdout"}},
        "root": {"handlers": ["out"], "level": "INFO"},
    }
)
logging.getLogger("clinic").info("note saved for %s", NAME)
logging.getLogger("clinic").warning(f"no slot for {NAME}")  # noqa: G004 - what applications do
logging.getLogger("clinic").info(NAME)
try:
    raise LookupError(NAME)
except LookupError:
    logging.getLogger("clinic").exception("it failed")
structlog.get_logger().info("note_saved", client=NAME)
structlog.get_logger().bind(client=NAME).warning("reminder_sent")
structlog.contextvars.bind_contextvars(client=NAME)
structlog.get_logger().info("note_opened")
structlog.configure(processors=[structlog.contextvars.merge_contextvars, structlog.processors.JSONRenderer()])
structlog.get_logger().info("note_closed")
