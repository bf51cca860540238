import logging
import sys

import structlog
from loguru import logger as loguru_logger

from .messages import Outcome
from .settings import OTHER, VALUE

slog = structlog.get_logger(__name__)


def s_event():
    slog.info("parcel_sorted", belt="north", parcel=VALUE)


def s_bound():
    slog.bind(customer=OTHER).warning("slot_overbooked", action="shift_next")


def s_exception():
    try:
        raise TimeoutError("bank did not answer in time")
    except TimeoutError:
        slog.exception("refund_failed", customer=VALUE)


def s_exc_info():
    try:
        raise ValueError(f"iban {VALUE} has a wrong checksum")
    except ValueError as exc:
        slog.error("payout was refused", exc_info=exc, reason="bad_iban")


def s_fstring():
    slog.info(f"picked {OTHER} from the mezzanine")


def s_positional():
    slog.info("%s joined the early shift", OTHER)


def s_contextvars():
    structlog.contextvars.bind_contextvars(tenant=OTHER)
    slog.info("shift_handover_done")
    structlog.contextvars.clear_contextvars()


async def s_async():
    await slog.ainfo("forklift_charged", by=VALUE)


def s_constant():
    slog.info("parcel closed", outcome=Outcome.RETURNED.value, ref=VALUE)


class Packer:
    def __init__(self):
        self.log = slog.bind(component="packer")

    def pack(self, ref):
        self.log.info("box_filled", ref=ref, mode="auto")


def s_class():
    Packer().pack(VALUE)


def g_format():
    loguru_logger.info("locker {} jammed again", OTHER)


def g_named():
    loguru_logger.info("locker {number} assigned to {who} today", number=7, who=OTHER)


def g_bound():
    loguru_logger.bind(user=OTHER).warning("locker door is open")


def g_exception():
    try:
        raise OSError("lock firmware is broken")
    except OSError:
        loguru_logger.exception("locker crashed at startup")


def g_opt():
    loguru_logger.opt(lazy=True).debug("expensive {x} was computed lazily", x=lambda: VALUE)


def g_fstring():
    loguru_logger.success(f"locker {VALUE} was emptied fully")


@loguru_logger.catch(message="catch wrapper saw trouble")
def g_catch():
    raise LookupError(f"no locker near {OTHER} tonight")


def g_contextualize():
    with loguru_logger.contextualize(request=VALUE):
        loguru_logger.error("locker network is down")


IDIOMS = [f for name, f in list(globals().items()) if name[:2] in ("s_", "g_")]
