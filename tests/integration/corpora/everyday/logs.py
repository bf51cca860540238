# ruff: noqa
"""Everyday idioms: logging."""

from __future__ import annotations

from ground import *

logger = logging.getLogger(__name__)
logger.setLevel(logging.DEBUG)


@idiom("by its level %s")
def case_107():
    logging.getLogger("clinic.levels").log(logging.ERROR, "by its level %s", patient)


@idiom("root logger heard {patient}")
def case_108():
    logging.error(f"root logger heard {patient}")


@idiom("child logger heard it")
def case_109():
    logger.getChild("billing").warning("child logger heard it")


@idiom("adapter told of %s")
def case_110():
    logging.LoggerAdapter(logger, {"tenant": patient}).info("adapter told of %s", email)


class Tagged(logging.LoggerAdapter):
    def process(self, msg, kwargs):
        return "%s | %s" % (self.extra["who"], msg), kwargs


@idiom("tagged by an adapter {email}")
def case_111():
    Tagged(logger, {"who": patient}).warning(f"tagged by an adapter {email}")


@idiom("tagged at its level")
def case_112():
    Tagged(logger, {"who": patient}).log(logging.WARNING, "tagged at its level")


@idiom("wrapper of the logger says %s")
def case_113():
    class Log:
        def say(self, text, *args):
            logger.info(text, *args, stacklevel=2)

    Log().say("wrapper of the logger says %s", patient)


@idiom("wrapper with a prefix: tell {patient}")
def case_114():
    def tell(text):
        logger.info(f"wrapper with a prefix: {text}")

    tell(f"tell {patient}")


@idiom("filter let this through")
def case_115():
    own = logging.getLogger("clinic.filtered")
    own.addFilter(lambda record: setattr(record, "who", patient) or True)
    own.warning("filter let this through")


@idiom("queued for a listener %s")
def case_116():
    logging.basicConfig()
    lines: queue.Queue = queue.Queue()
    own = logging.getLogger("clinic.queued")
    own.propagate = False
    own.addHandler(logging.handlers.QueueHandler(lines))
    listener = logging.handlers.QueueListener(lines, *logging.getLogger().handlers)
    listener.start()
    own.warning("queued for a listener %s", patient)
    listener.stop()


@idiom("exception call with {patient}")
def case_117():
    try:
        int(patient)
    except ValueError:
        logger.exception(f"exception call with {patient}")


@idiom("exc_info true beside {patient}")
def case_118():
    try:
        raise KeyError(f"exc_info true beside {patient}")
    except KeyError:
        logger.warning("was told", exc_info=True)


@idiom("critical with an exc object {patient}")
def case_119():
    try:
        raise OSError(f"critical with an exc object {patient}")
    except OSError as exc:
        logger.critical("was told", exc_info=exc)


@idiom("told by repr: told by repr {patient}")
def case_120():
    try:
        raise ValueError(f"told by repr {patient}")
    except ValueError as exc:
        logger.error("told by repr: %r", exc)


@idiom("failed badly: {exc}")
def case_121():
    try:
        raise ValueError("x")
    except ValueError as exc:
        logger.error("failed badly: {}".format(exc))


@idiom("traceback by hand")
def case_122():
    try:
        raise ValueError("traceback by hand")
    except ValueError:
        logger.error(traceback.format_exc())


@idiom("uncaught by a hook")
def case_123():
    try:
        raise ValueError("uncaught by a hook")
    except ValueError:
        logger.critical("uncaught", exc_info=sys.exc_info())


@idiom("slot_released")
def case_124():
    logger.info("x", extra={"action": "slot_released", "who": patient})


@idiom("reason_by_constant")
def case_125():
    reason = "reason_by_constant"
    logger.info("y", extra={"reason": reason, "who": patient})


@idiom("outcome_from_enum")
def case_126():
    class Outcome(enum.Enum):
        DONE = "outcome_from_enum"

    logger.info("z", extra=dict(outcome=Outcome.DONE.value, who=patient))
