# ruff: noqa
"""Logs, and exceptions in them."""

from .ground import *

# 4
@case(("body", "sync failed: no chart {…}"), ) if False else case(("body~", "sync failed: "), ("logexc", "no chart for {guest}"))
def g1():
    try: raise LookupError(f"no chart for {guest}")
    except LookupError as e: log.exception(f"sync failed: {e}")
@case(("body", "handled "), ("logexc", "deep in it: {guest.name}")) 
def g2():
    try:
        try: raise OSError(f"deep in it: {guest.name}")
        except OSError as e: raise HTTPException(502, "upstream is unhappy") from e
    except HTTPException as e: log.error("handled %s", e, exc_info=e)
@case(("sentry", "captured {guest.name} bare"))
def g3():
    try: raise ValueError(f"captured {guest.name} bare")
    except ValueError: sentry_sdk.capture_exception()
@case(("exc", "task group {guest.name} fell"))
def g4():
    async def bad(): raise ValueError(f"task group {guest.name} fell")
    async def go():
        async with asyncio.TaskGroup() as tg: tg.create_task(bad())
    asyncio.run(go())
@case(("body", "async structlog event"), ("attr", "step=triage"))
def g5():
    async def go(): await structlog.get_logger().ainfo("async structlog event", step="triage", who=VALUE)
    asyncio.run(go())
@case(("attr", "shift=night"))
def g6():
    structlog.contextvars.bind_contextvars(shift="night", nurse=VALUE)
    slog.info("handover done"); structlog.contextvars.clear_contextvars()
@case(("body", "with a context of its own"))
def g7():
    with structlog.contextvars.bound_contextvars(request=VALUE): slog.warning("with a context of its own")
@case(("logexc", "loguru caught {guest.name}"), ("body", "while saving"))
def g8():
    from loguru import logger
    try: raise ValueError(f"loguru caught {guest.name}")
    except ValueError: logger.exception("while saving")
@case(("body", "loguru lazily {}"))
def g9():
    from loguru import logger
    logger.opt(lazy=True).info("loguru lazily {}", lambda: VALUE)
@case(("body", "json formatter body of {guest.name}"), ("attr", "queue=front"))
def g10():
    logging.config.dictConfig({"version": 1, "disable_existing_loggers": False, "formatters": {"j": {"()": "pythonjsonlogger.json.JsonFormatter"}}, "handlers": {"h": {"class": "logging.StreamHandler", "formatter": "j", "stream": open(os.devnull, "w")}}, "loggers": {"harbor.json": {"handlers": ["h"], "level": "DEBUG"}}})
    logging.getLogger("harbor.json").info(f"json formatter body of {guest.name}", extra={"queue": "front", "who": VALUE})
@case(("scope", "harbor.json"), ("scope", "harbor.service"))
def g11(): pass
@case(("scope", "harbor.followed.Jobs")) if False else case(("scope", "Cleaner"))
def g12():
    class Cleaner:
        def __init__(self): self.log = logging.getLogger(type(self).__name__)
    Cleaner().log.warning("cleaner started")
@case(("scope", "harbor.sub.deep"))
def g13(): logging.getLogger(__package__ + ".sub").getChild("deep").warning("deep logger")
@case(("body", "old api of wards is deprecated"))
def g14():
    logging.captureWarnings(True); warnings.simplefilter("always"); warnings.warn("old api of wards is deprecated", DeprecationWarning, stacklevel=2)
@case(("body~", "event_as_dict")) 
def g15(): log.info({"event": "event_as_dict", "who": VALUE})
@case(("body", "custom level said it"))
def g16():
    logging.addLevelName(25, "NOTICE"); log.log(25, "custom level said it")
@case(("logexc", "formatted into structlog {guest.name}"))
def g17():
    l = structlog.wrap_logger(logging.getLogger("harbor.st"), processors=[structlog.stdlib.add_logger_name, structlog.stdlib.add_log_level, structlog.processors.dict_tracebacks, structlog.processors.JSONRenderer()], wrapper_class=structlog.stdlib.BoundLogger)
    try: raise KeyError(f"formatted into structlog {guest.name}")
    except KeyError: l.exception("kaputt")
