import asyncio
import functools
import logging
import logging.config
import os
import re
import sys
import threading
import time
import traceback
import warnings
from collections import namedtuple
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import PurePosixPath

import structlog
from loguru import logger as lg

from . import const
from .const import *  # noqa: F403
from .const import ERR_TICKET, ERR_TICKET_OLD, LOG_DEPART, N, NO_SMOKING, O, RULES, Messages, Step, V, Weather
from .errors import ApiError, Chain, EngineError, FerryError, RampError, RuleBroken, TicketError

log = logging.getLogger(__name__)
_LOGGER = log
audit = logging.getLogger("audit.trail")
slog = structlog.get_logger("ferry")


@dataclass(frozen=True)
class Car:
    plate: str
    owner: str

    @property
    def label(self):
        return f"car {self.plate} of the queue"

    def as_line(self):
        return " / ".join([self.plate, self.owner])


car = Car(V, O)


def k01(): log.info(LOG_DEPART, V, 3)
def k02(): log.error(const.ERR_NO_BERTH)
def k03(): log.error(Messages.Boarding.OPEN)
def k04(): log.error(Messages.Boarding.CLOSED.format(line=V))
def k05(): log.warning(Messages.LATE)
def k06(): log.warning(Step.LOAD.text)
def k07(): log.warning("step %s: %s", Step.LOAD.key, Step.LOAD.text)
def k08(): log.info(RULES["dogs"].text)
def k09(): log.info(NO_SMOKING.text)
def k10(): log.info(f"rule for {O}: {NO_SMOKING.text}")
def k11(): log.info(Weather.STORM)
def k12(): log.info(f"{Weather.FOG} on line {V}")
def k13(): log.info(car.label)
def k14(): log.info("queue holds " + car.as_line() + " and more")
def k15(): log.info("%(plate)s waits behind %(owner)s", car.__dict__)
def k16(): log.info("{0.plate} turned around, {0.owner} was furious".format(car))
def k17(): log.info(ERR_TICKET.format(ticket=V, line=O))
def k18(): log.info(ERR_TICKET_OLD % {"ticket": V})
def k19(): log.info("horn blown " + "twice " * 1 + "by " + O)
def k20(): log.info(f"{V}" + " cannot moor in " + f"{O}")
def k21(): log.info("tide table " f"{V} " "was " "misprinted")
def k22(): log.info(f"lifeboat {V if N else 'none'} swung out")
def k23(): log.info(f"anchor {V!s:>12} dropped {N:,} metres from shore")
def k24(): log.warning("radar sees %s" % (O,) + " dead ahead")


def k25():
    text = "mate is asleep"
    if V:
        text += ", captain is not"
    log.info(text)


def k26():
    parts = []
    parts.append("deck washed")
    parts.append(f"by {O}")
    if N:
        parts.append("before dawn")
    log.info(", ".join(parts))


def k27():
    text = ""
    for rope in (V, O):
        text += f"rope {rope} frayed; "
    log.warning(text)


def k28():
    text, level = f"gangway {V} is slippery", logging.WARNING
    log.log(level, text)


def k29():
    level = logging.ERROR if N else logging.INFO
    log.log(level, "lamp %s on the pier is dark", V)


def k30():
    def shout(what, *, times=1):
        log.info(f"skipper shouts {times} times: {what}")

    shout("cast off all lines")


def k31():
    @functools.wraps(k30)
    def whisper(line):
        log.debug("whispered over radio: " + line)

    whisper(f"buoy {V} drifts off")


class Deck:
    name = "upper deck"
    log = logging.getLogger("ferry.deck")
    ANNOUNCE = "deck {deck} is closed to {who}"

    def __init__(self, who):
        self.who = who
        self.note = f"note for {who} on the chart table"
        self.state = "hatch is battened down"

    def close(self):
        self.log.info(self.ANNOUNCE.format(deck=self.name, who=self.who))

    def read(self):
        self.log.info(self.note)

    def hatch(self):
        self.log.info(self.state)

    def _log(self, level, msg, *args, **kw):
        self.log.log(level, "%s | " + msg, self.name, *args, **kw)

    def debug(self, msg, *args):
        self._log(logging.DEBUG, msg, *args)

    def error(self, msg, *args):
        self._log(logging.ERROR, f"!! {msg}", *args)

    def run(self):
        self.debug("bilge pump ran for %d minutes", 3)
        self.error("bilge alarm rang for %s", self.who)

    def __str__(self):
        return f"{self.name} under {self.who} command"

    def show(self):
        self.log.info(self)

    def show2(self):
        self.log.info(f"report: {self}, over")

    @classmethod
    def build(cls, who):
        cls.log.info(f"{cls.__name__} laid down for {who} in the yard")
        return cls(who)


def k32(): Deck(O).close()
def k33(): Deck(O).read()
def k34(): Deck(O).hatch()
def k35(): Deck(O).run()
def k36(): Deck(O).show()
def k37(): Deck(O).show2()
def k38(): Deck.build(O)


def k39():
    class Adapter(logging.LoggerAdapter):
        def process(self, msg, kwargs):
            return f"<{self.extra['line']}> {msg}", kwargs

    a = Adapter(log, {"line": V})
    a.info("purser counts %s coins", 3)
    a.warning(f"stowaway {O} found in a crate")


def k40():
    old = logging.getLogRecordFactory()

    def factory(*a, **k):
        record = old(*a, **k)
        record.line = V
        return record

    logging.setLogRecordFactory(factory)
    try:
        log.info("record factory met %s on the quay", V)
    finally:
        logging.setLogRecordFactory(old)


def k41():
    try:
        raise EngineError
    except FerryError as e:
        log.error("Engine trouble: %s", e)
        log.error(e)


def k42():
    try:
        raise RampError(ramp=V, load=N)
    except FerryError:
        log.exception("ramp check raised")


def k43():
    try:
        raise TicketError(V, O)
    except FerryError as e:
        log.warning(f"ticket desk says: {e}", exc_info=True)


def k44():
    try:
        raise ApiError.not_found("ferry", V)
    except ApiError as e:
        log.error(e.message)


def k45():
    try:
        raise ApiError.conflict()
    except ApiError as e:
        log.error("api answered %s %s", e.status, e.message, exc_info=e)


def k46():
    errors = []
    for check in (V, O):
        try:
            raise ValueError(f"check {check} on the hull failed")
        except ValueError as e:
            errors.append(e)
    for e in errors:
        log.error("collected trouble", exc_info=e)


def k47():
    try:
        os.remove("/nonexistent/" + V)
    except OSError as e:
        log.warning("chart file could not be removed: %s", e.strerror)


def k48():
    try:
        {}["berth"]
    except KeyError as e:
        log.error(f"missing key {e} in the berth plan", exc_info=True)


def k49():
    try:
        raise ConnectionError("lighthouse link is down")
    except ConnectionError:
        log.error("lighthouse trouble\n" + traceback.format_exc())


def k50():
    sys.excepthook(*_info())


def _info():
    try:
        raise RuntimeError(f"mast of {V} snapped in the gale")
    except RuntimeError:
        log.critical("uncaught in main", exc_info=sys.exc_info())
        return (RuntimeError, RuntimeError("x"), None)


@contextmanager
def watch(title, **fields):
    began = time.monotonic()
    log.debug("-> %s", title, extra=fields)
    try:
        yield
    except Exception as e:
        log.error(f"watch '{title}' ended badly: {type(e).__name__}")
        raise
    finally:
        log.debug(f"<- {title} after {time.monotonic() - began:.3f}s on watch")


def k51():
    with suppress(ValueError), watch("night watch on the bridge", who=O):
        raise ValueError(V)


@asynccontextmanager
async def moored(ship):
    log.info(f"{ship} takes in the lines")
    try:
        yield ship
    finally:
        log.info(f"{ship} is moored alongside")


async def k52():
    async with moored(V):
        pass


def traced(fn):
    @functools.wraps(fn)
    async def inner(*a, **k):
        log.debug("calling %s on the bridge", fn.__qualname__)
        try:
            return await fn(*a, **k)
        except Exception as e:
            log.exception("bridge call %s failed: %s", fn.__name__, e)

    return inner


@traced
async def k53():
    raise FerryError(f"compass of {V} spins in circles")


async def k54():
    async def shuttle(n):
        log.info(f"shuttle {n} reports for {O}")

    async with asyncio.TaskGroup() as tg:
        for n in range(2):
            tg.create_task(shuttle(n))


async def k55():
    loop = asyncio.get_running_loop()
    loop.call_exception_handler({"message": "custom loop trouble on the pier", "exception": RuntimeError(V)})


async def k56():
    async def ticks():
        for i in range(1):
            yield i, V

    async for i, ship in ticks():
        log.info("tick %d for ship %s passed", i, ship)


def k57():
    t = threading.Thread(target=log.warning, args=("watchman %s dozed off", O))
    t.start(); t.join()


def k58():
    class Worker(threading.Thread):
        def run(self):
            log.info(f"stevedore {V} hauls crates in a thread")

    w = Worker(); w.start(); w.join()


def k59(): warnings.warn(f"sailing plan of {V} is outdated", RuntimeWarning, stacklevel=2)
def k60(): warnings.warn(UserWarning("life vests are due for inspection"))


def k61():
    match re.match(r"(?P<head>..)", V):
        case re.Match() as m:
            log.info("number begins with %s as painted", m["head"])


def k62():
    Point = namedtuple("Point", "x y")
    log.info("drifted to %s in the night", Point(V, N))


def k63(): log.info(f"{PurePosixPath('/charts') / V} was unrolled on the table")
def k64(): log.info("tides: %s", [f"{x} m" for x in (1, 2)])
def k65(): log.info("Passengers", extra={"count_kind": "adults", "guest": O})
def k66(): log.info("manifest closed", extra=dict(stage="final", guest=O))
def k67(): audit.warning("key to the safe was lent to %s", O)
def k68(): log.info(f"""
    manifest of {V}
    is complete now
""")
def k69(): log.info("one %s two %s three", *[V, O])
def k70(): (log.info if N else log.debug)("picked method logs %s at sea", V)
def k71(): [log.info(f"porter {x} got a tip") for x in (V,)]
def k72(): log.info(max([f"longest rope {V} is in the hold", ""], key=len))
def k73(): log.info("harbour fee: €%.2f paid by %s", 3.5, O)
def k74(): log.info("status=%s reason=%s", "ok", "crew_change")
def k75(): log.info("A" if not N else "bell rung twice for dinner")
def k76(): log.info("engine ready".title() + " and warm")
def k77(): log.info(" ".join(("gulls", "stole the", "sandwich of", O)))
def k78(): log.info(os.linesep.join(["radio log", f"call sign {V}", "out"]))
def k79(): log.info(str.format("crane {} lifts {}", V, "the last container"))
def k80(): log.info("tug {} pushes".__add__(" hard").format(V))

def k81(): slog.info("boarding_started", deck_kind="aft", guest=O)
def k82(): slog.warning(f"cabin {V} has no key")
def k83():
    try:
        raise ApiError(503, "harbour office is closed")
    except ApiError as e:
        slog.error("office_call_failed", exc_info=True, reason=e.message)
def k84(): slog.bind(ship=V).info("Ship sighted", side="port")
def k85(): lg.info("loguru ship {} sighted by {}", V, O)
def k86():
    try:
        raise FerryError(f"loguru mast {V} cracked")
    except FerryError as e:
        lg.opt(exception=e).error("loguru saw a broken mast")
def k87(): lg.warning(f"loguru deck {V} wet")

IDIOMS = [f for n, f in list(globals().items()) if re.fullmatch(r"k\d\d", n)]
