import logging

import structlog
from loguru import logger

from .config import NUMBER, OTHER, VALUE
from .vocabulary import Cancellation

log = structlog.stdlib.get_logger()
audit = structlog.get_logger("audit", component="ledger")


def b_event_kw():
    log.info("seat_map_loaded", hall="west", guest=OTHER, rows=14)


def b_named():
    audit.warning("till_difference", cause="rounding")


def b_new():
    log.new(kind="matinee").info("programme_sold")


def b_try_bind():
    bound = log.bind(guest=OTHER)
    bound = bound.bind(step="checkout")
    bound.error("payment_bounced", error_code="E_FUNDS")


def b_unbind():
    log.bind(guest=OTHER).unbind("guest").info("guest_forgotten")


def b_exc():
    try:
        raise ConnectionError(f"terminal {VALUE} hung up")
    except ConnectionError as exc:
        log.error("terminal_lost", error=str(exc), exc_info=True)


def b_exc_kw():
    try:
        raise ValueError("coupon is from another house")
    except ValueError:
        log.exception("coupon_refused", guest=OTHER)


def b_format():
    log.warning("usher {} is late".format(OTHER))


def b_sentence():
    log.info("The evening went well", stars=5)


def b_contextvars():
    with structlog.contextvars.bound_contextvars(request_id=VALUE, kind="gala"):
        log.info("gala_opened")


def b_level():
    log.log(logging.WARNING, "bar_stock_low", drink="water")


def b_percent():
    log.info("%d bottles for %s", NUMBER, OTHER)


def b_dict():
    log.info("refund_issued", **{"method": "voucher", "guest": OTHER})


def b_enum_field():
    log.info("show_cancelled", why=Cancellation.STRIKE.value)


def b_critical():
    log.critical(f"emergency exit {VALUE} blocked by props")


async def b_async():
    await log.awarning("async_usher_missing", shift="late")


def u_plain():
    logger.info("costume fitting finished")


def u_args():
    logger.warning("costume {} torn by {}", VALUE, OTHER)


def u_attr():
    logger.info("costume {c.real} sewn again", c=NUMBER)


def u_percent():
    logger.debug("costume %s steamed" % VALUE)


def u_patch():
    logger.patch(lambda r: r["extra"].update(house="x")).info("wig box repacked")


def u_level():
    logger.log("WARNING", "hat of {} is too small", OTHER)


def u_exception():
    try:
        raise RuntimeError(f"zip of {VALUE} jammed at once")
    except RuntimeError:
        logger.exception("wardrobe emergency for {}", OTHER)


def u_opt_exc():
    try:
        raise RuntimeError("needle broke in the machine")
    except RuntimeError as exc:
        logger.opt(exception=exc).warning("sewing paused")


@logger.catch(reraise=False)
def u_catch_plain():
    raise KeyError(f"no costume for {OTHER} exists")


def u_catch_cm():
    with logger.catch(message="dressing room accident"):
        raise ValueError("mirror fell off the wall")


IDIOMS = [f for n, f in list(globals().items()) if n[:2] in ("b_", "u_")]
