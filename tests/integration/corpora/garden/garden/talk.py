import asyncio
import contextvars
import functools
import inspect
import itertools
import logging
import logging.handlers
import re
import sys
import threading
import traceback
import warnings
from collections import ChainMap, defaultdict
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from string import Template
from textwrap import dedent, indent

from . import base
from .base import *  # noqa: F403
from .base import Alarm, LoggerMixin, N, O, SETTINGS, Season, V, get_logger

logger = logging.getLogger(__name__)
named = get_logger("irrigation")
event_log = logging.getLogger("garden.events")
plot = contextvars.ContextVar("plot", default=V)


def o01():
    logger.info("planting %s in row %d", V, N)


def o02():
    logger.info(f"seed lot {V} germinated at {0.8:.0%}")


def o03():
    logger.warning("seed lot " + V + " did not germinate")


def o04():
    logger.warning("moisture of {} fell below {:.1f}".format(V, 3.2))


def o05():
    msg = f"gardener {O} signed in at the shed"
    logger.info(msg)


def o06():
    msg = "gardener %s forgot the shears" % O
    logger.info(msg)


def o07():
    msg = "gardener {} lost a glove".format(O)
    logger.info(msg)


def o08():
    logger.info(DEFAULT_GREETING)  # noqa: F405


def o09():
    logger.warning(FROST_WARNING.format(bed=V, hour=N))  # noqa: F405


def o10():
    logger.warning(PEST_TEMPLATE, V, O)  # noqa: F405


def o11():
    logger.warning(PEST_TEMPLATE % (O, V))  # noqa: F405


def o12():
    logger.info(MESSAGES["watered"])  # noqa: F405


def o13():
    logger.info(base.MESSAGES["dry"].format(bed=V))


def o14():
    logger.info(STEPS[0])  # noqa: F405


def o15():
    logger.info(Season.SPRING)


def o16():
    logger.warning(Alarm.HEAT.value)


def o17():
    logger.warning(Alarm.COLD.describe())


def o18():
    logger.info(SETTINGS.motto)


def o19():
    logger.info(SETTINGS.opening)


def o20():
    named.info("valve %s opened for the roses", V)


class Bed(LoggerMixin):
    kind = "raised bed"
    done = "bed was weeded by hand"

    def __init__(self, name):
        self.name = name
        self.prefix = f"[{name}]"

    def weed(self):
        self.logger.info("weeding bed %s took long", self.name)

    def announce(self):
        self.logger.info(self.done)

    def say(self, msg, *args):
        self.logger.info(f"{self.prefix} {msg}", *args)

    def mulch(self):
        self.say("mulch spread with %s buckets", 4)

    def cover(self):
        self.say("fleece laid over it")

    def prune(self):
        self.say(f"pruned by {O} this time")

    def describe(self):
        return f"bed {self.name} is a {self.kind} near the pond"

    def tell(self):
        self.logger.info(self.describe())

    async def water(self):
        await asyncio.sleep(0)
        self.logger.info(f"bed {self.name} drank all the rain water")

    def __call__(self, what):
        self.logger.info("%s called upon the bed keeper", what)

    def __len__(self):
        logger.debug("length of bed %s was asked for", self.name)
        return 1

    def __enter__(self):
        logger.info("net lowered over %s", self.name)
        return self

    def __exit__(self, *exc):
        logger.info("net lifted off the bed")

    def __iter__(self):
        for n in range(1):
            logger.debug(f"iterating over plant {n} of {self.name}")
            yield n

    def __del__(self):
        pass


def o21():
    Bed(O).weed()


def o22():
    Bed(O).announce()


def o23():
    Bed(O).mulch()


def o24():
    Bed(O).cover()


def o25():
    Bed(O).prune()


def o26():
    Bed(O).tell()


async def o27():
    await Bed(O).water()


def o28():
    Bed(O)(V)


def o29():
    len(Bed(O))


def o30():
    with Bed(O):
        pass


def o31():
    list(Bed(O))


def log_event(name, /, level="info", **fields):
    getattr(event_log, level)("event %s happened", name, extra={"event_fields": fields})


def o32():
    log_event("repotted", plant=V)


def log_error(error, context="unknown context"):
    logger.error(f"{context}: {error}", exc_info=error)


def o33():
    try:
        raise ValueError(f"trowel {V} bent in the clay")
    except ValueError as exc:
        log_error(exc, "digging went wrong badly")


def safe(function):
    @functools.wraps(function)
    def inner(*a, **k):
        try:
            return function(*a, **k)
        except Exception:
            logger.exception(f"{function.__name__} blew up in the shed")

    return inner


@safe
def o34():
    raise RuntimeError(f"ladder of {O} slipped on moss")


class timer:
    def __init__(self, label):
        self.label = label

    def __enter__(self):
        return self

    def __exit__(self, *a):
        logger.info(f"{self.label} needed {0.31:.2f} s of patience")


def o35():
    with timer("compost turning"):
        pass


def o36():
    status = "ripe" if len(V) else "green"
    logger.info("tomatoes of %s are %s by now", O, status)


def o37():
    n = len(V)
    logger.info(f"{n} bulb{'s' if n != 1 else ''} planted for {O}")


def o38():
    if len(V) > 50:
        text = "tulips came up early"
    elif len(V) > 5:
        text = f"tulips came up for {O}"
    else:
        text = "no tulips this year"
    logger.info(text)


def o39():
    text = None
    try:
        text = "hose number %d leaks" % int(V)
    except ValueError:
        text = "hose has no number at all"
    finally:
        logger.info(text)


def o40():
    def label(kind):
        if kind == "herb":
            return f"herb {V} goes to the kitchen"
        if kind == "tree":
            return f"tree {V} stays outside"
        return f"thing {V} goes to the bin"

    logger.info(label("tree"))


def o41():
    with ThreadPoolExecutor(2) as pool:
        for future in as_completed([pool.submit(lambda: V)]):
            logger.info("pool said %s about the beans", future.result())


def o42():
    for name, amount in {V: 1}.items():
        logger.info("- %s: %d litres of feed", name, amount)


def o43():
    rows = [f"* {x} is thirsty" for x in (V, O)]
    logger.info("report of the beds:\n" + "\n".join(rows))


def o44():
    lines = ["harvest list"]
    for x in (V, O):
        lines.append(f"- {x}")
    logger.info("\n".join(lines))


def o45():
    logger.info(" ".join(["cherries", "picked by", O, "before noon"]))


def o46():
    logger.info("; ".join(filter(None, ["apples graded", V and f"crate {V} is bruised"])))


def o47():
    logger.info(Template("dear ${who}, your orchid bloomed").safe_substitute(who=O))


def o48():
    logger.info(dedent("""
        weekly plan for %s:
        dig, sow, water
    """).strip(), O)


def o49():
    logger.info(indent("indented note for the crew", "  "))


def o50():
    logger.debug("plan: %s", {"bed": V, "crew": [O]})


def o51():
    logger.info("%s", f"wrapped word about {V} from the nursery")


def o52():
    logger.info("%s: %s", "cold frame", f"lid {V} was left open")


def o53():
    logger.warning("scarecrow blown over", stacklevel=2)


def o54():
    logger.log(25, "bees of hive %s swarmed", V)


def o55():
    logger.info("basket weighs %(w).2f kg, says %(who)s", {"w": 3.456, "who": O})


def o56():
    try:
        raise KeyError(V)
    except KeyError as e:
        logger.warning("label %s unknown to the nursery", e)


def o57():
    try:
        1 / 0
    except ZeroDivisionError:
        logger.warning("yield per bed cannot be computed", exc_info=True)


def o58():
    try:
        try:
            raise FileNotFoundError(2, "No such file or directory", f"/beds/{V}")
        except OSError as inner:
            raise base.GardenError("bed plan could not be read") from inner
    except base.GardenError as error:
        logger.error("loading failed: %s", error, exc_info=error)


def o59():
    error = base.PumpError(plant=V)
    logger.error("detached error object", exc_info=error)


def o60():
    try:
        raise base.PumpError(plant=V)
    except base.PumpError as e:
        logger.error(f"pump check says: {e!s}")


def o61():
    warnings.warn(f"slug pellets of {V} are banned soon", DeprecationWarning, stacklevel=1)


def o62():
    warnings.warn(message="peat will be phased out", category=PendingDeprecationWarning)


def o63():
    @functools.cache
    def lookup(x):
        logger.info("catalogue page for %s was opened", x)

    lookup(V)


def o64():
    counter = itertools.count(1)
    log = lambda text: logger.info("%d. %s", next(counter), text)  # noqa: E731
    log("glasshouse pane replaced")


def o65():
    partial = functools.partial(logger.info, "mower %s: %s")
    partial(V, "blade sharpened")


def o66():
    emit = logger.warning
    emit(f"hedgehog {V} sleeps in the leaf heap")


def o67():
    method = {"w": logger.warning, "i": logger.info}["w"]
    method("mole hill found near %s", V)


def o68():
    name = inspect.currentframe().f_code.co_name
    logger.info("function %s reports rain in barrel %s", name, V)


def o69():
    logger.info(f"today is {date.today()}, pick up {O} at {date.today() + timedelta(1):%d %b}")


def o70():
    logger.info(f"{'Rake':<10}|{V:^20}|{N:>12,} borrowed")


def o71():
    logger.info(f"bench {V}" " painted " f"by {O} twice")


def o72():
    logger.info(f"nested {'quote ' + V} inside the fence")


def o73():
    logger.info("""first line of the almanac
second line mentions %s""", V)


def o74():
    logger.info("percent sign 5%% and %s in the pot", V)


def o75():
    logger.info("ünïcode höse für %s", O)


def o76():
    logger.info(r"path C:\garden\%s was indexed", V)


def o77():
    logger.info(f"dict lookup {({'a': V})['a']} from the tray")


def o78():
    logger.info("sorted: %s", sorted([V, O], key=len))


def o79():
    data = ChainMap({"who": O}, {"what": "spade"})
    logger.info("{who} borrowed the {what} again".format_map(data))


def o80():
    tally = defaultdict(int)
    tally[V] += 1
    logger.info("tally of %d crops is final", len(tally))


async def o81():
    queue = asyncio.Queue()
    await queue.put(V)

    async def consumer():
        item = await queue.get()
        logger.info(f"consumer took {item} off the belt")

    async with asyncio.TaskGroup() as tg:
        tg.create_task(consumer())


async def o82():
    task = asyncio.create_task(asyncio.sleep(9))
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        logger.warning("night watering for %s was cancelled", V)


async def o83():
    async def boom():
        raise RuntimeError(f"sprinkler {V} burst at night")

    results = await asyncio.gather(boom(), return_exceptions=True)
    for r in results:
        logger.error("a sprinkler task failed", exc_info=r)


def o84():
    thread = threading.Thread(target=lambda: logger.info(f"thread waters plot {plot.get()} alone"))
    thread.start()
    thread.join()


def o85():
    ctx = contextvars.copy_context()
    ctx.run(logger.info, "context run for lily %s", V)


def o86():
    class Filter(logging.Filter):
        def filter(self, record):
            record.msg = f"[flt] {record.msg}"
            return True

    log = logging.getLogger("garden.filtered")
    log.addFilter(Filter())
    log.info("snail trail at %s", V)


def o87():
    memory = logging.handlers.MemoryHandler(10, target=logging.getLogger().handlers[0])
    log = logging.getLogger("garden.memory")
    log.addHandler(memory)
    log.error("buffered cry from pot %s", V)


def o88():
    match {"kind": "tree", "name": V}:
        case {"kind": "tree", "name": name}:
            logger.info(f"tree {name} got a new label")
        case _:
            logger.info("unknown vegetation")


def o89():
    try:
        assert N < 0, f"gauge {V} must read below zero"
    except AssertionError as e:
        logger.error("gauge check failed", exc_info=e)


def o90():
    if (m := re.search(r"q", V)) is not None:
        logger.info("matched at %d in the register", m.start())


IDIOMS = [f for n, f in sorted(globals().items()) if re.fullmatch(r"o\d\d", n)]
