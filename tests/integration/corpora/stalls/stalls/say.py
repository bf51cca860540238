"""Things that get logged."""

import asyncio
import contextlib
import functools
import itertools
import json
import logging
import logging.handlers
import operator
import queue
import re
import sys
import textwrap
import threading
import time
import traceback
import warnings
from collections import Counter, namedtuple
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from functools import cached_property, lru_cache, partial, partialmethod, reduce, singledispatch
from typing import NamedTuple

from . import vocabulary as v
from .config import Dev, NUMBER, OTHER, VALUE, config, theme
from .vocabulary import Cancellation, Code, Problem

LOG = logging.getLogger(__name__)
security = logging.getLogger("stalls.security")


@dataclass(slots=True)
class Order:
    ref: str
    guest: str
    seats: list = field(default_factory=lambda: ["A1", "A2"])

    def __str__(self):
        return f"Order({self.ref})"


class Money(NamedTuple):
    amount: int
    currency: str = "EUR"

    def __format__(self, spec):
        return f"{self.amount} {self.currency}"


order = Order(VALUE, OTHER)


def k_simple():
    LOG.info("order %s paid by %s", order.ref, order.guest)


def k_obj():
    LOG.info(f"{order} went to the printer queue")


def k_format_obj():
    LOG.info(f"cashier counted {Money(NUMBER):short} in the till")


def k_format_index():
    LOG.info("first row {0[0]} last row {0[1]} are reserved".format(order.seats))


def k_format_attr():
    LOG.info("guest {o.guest} holds {o.ref} since noon".format(o=order))


def k_format_star():
    LOG.info("guest {} swapped {} seats twice".format(*(order.guest, 2)))


def k_percent_star():
    LOG.info("occupied %*d of the rows by %s" % (5, 12, order.guest))


def k_expr():
    LOG.info(f"{len(order.seats)} seats for {order.guest.upper()} were held back, {order.seats[0]!r} first")


def k_datetime():
    LOG.warning(f"performance of {datetime.now(timezone.utc) + timedelta(hours=2):%A %H:%M} was moved by {order.guest}")


def k_chained_ternary():
    load = len(order.seats)
    LOG.info("hall is empty" if load == 0 else "hall is filling up" if load < 5 else "hall is packed")


def k_ternary_format():
    LOG.info(("found {} in the cloakroom" if order.ref else "nothing in the cloakroom {}").format(order.guest))


def k_plus_str():
    LOG.info("wardrobe number " + str(NUMBER) + " was handed out twice")


def k_plus_multiline():
    text = (
        "guest "
        + order.guest
        + " complained about the "
        + "heating on balcony"
    )
    LOG.warning(text)


def k_const_derived():
    LOG.error(v.ERROR_PRINTER)


def k_const_derived_f():
    LOG.error(v.ERROR_SCANNER)


def k_const_parenthesised():
    LOG.error(v.LONG_TEXT)


def k_const_format():
    LOG.warning(v.SEAT_TAKEN.format(seat=order.ref))


def k_const_mapping():
    LOG.warning(v.REFUND_LATE, {"amount": NUMBER})


def k_proxy():
    LOG.info(v.EVENTS["opened"])


def k_tuple_index():
    LOG.info(v.LEVELS[0])


def k_enum_str():
    LOG.info(f"evening ruined for {order.guest}: {Cancellation.ILLNESS}")


def k_enum_plain():
    LOG.warning("reason given: %s", Cancellation.STRIKE)


def k_enum_label():
    LOG.warning(Problem.OVERSOLD.label)


def k_enum_init():
    LOG.error(f"{Code.NOT_PAID.code} {Code.NOT_PAID.text}, see {order.ref} please")


def k_enum_init_whole():
    LOG.error(Code.NOT_PAID.text)


def k_settings_field():
    LOG.info(config.closed_message)


def k_settings_format():
    LOG.info(config.welcome.format(house=order.guest))


def k_dataclass_settings():
    LOG.info(theme.banner)


def k_class_constant():
    LOG.info(Dev.HINT)


def k_default_argument(text="nobody bought a programme today"):
    LOG.info(text)


def k_kwonly_default():
    def tell(*, prefix="usher report", who):
        LOG.info(f"{prefix}: {who} fell asleep")

    tell(who=OTHER)


class Usher:
    greeting = "usher says the lights are dimmed"
    _tpl = "usher {name} checked {n} tickets"

    def __init__(self, name):
        self.log = logging.getLogger(f"{__name__}.{type(self).__name__}")
        self.name = name

    def greet(self):
        self.log.info(self.greeting)

    def check(self):
        self.log.info(self._tpl.format(name=self.name, n=3))

    def _event(self, message, level=logging.INFO):
        self.log.log(level, f"{self.name}: {message}")

    def late(self):
        self._event(f"latecomer {VALUE} waits in the foyer")

    def silent(self):
        self._event("mobile phones were silenced", logging.WARNING)

    @property
    def status(self):
        return f"usher {self.name} stands at gate four"

    def report(self):
        self.log.info(self.status)

    @cached_property
    def summary(self):
        return "summary by usher %s is complete" % self.name

    def summarise(self):
        self.log.info(self.summary)

    @classmethod
    def hire(cls, name):
        logging.getLogger(__name__).info("hired usher %s as %s", name, cls.__name__)
        return cls(name)

    @staticmethod
    def rest():
        LOG.info("ushers take their break")

    warn = partialmethod(_event, level=logging.WARNING)

    def slip(self):
        self.warn("floor is slippery near the bar")

    def __repr__(self):
        return f"<usher {self.name} in uniform>"


class HeadUsher(Usher):
    greeting = "head usher opens the royal box"

    def late(self):
        super().late()
        self.log.info("head usher took over from here")


def k_self_const():
    Usher(OTHER).greet()


def k_subclass_const():
    HeadUsher(OTHER).greet()


def k_self_tpl():
    Usher(OTHER).check()


def k_self_prefix():
    Usher(OTHER).late()


def k_self_prefix_literal():
    Usher(OTHER).silent()


def k_property():
    Usher(OTHER).report()


def k_cached_property():
    Usher(OTHER).summarise()


def k_classmethod():
    Usher.hire(OTHER)


def k_static():
    Usher.rest()


def k_partialmethod():
    Usher(OTHER).slip()


def k_super():
    HeadUsher(OTHER).late()


def k_repr_obj():
    LOG.info("on duty tonight: %r", Usher(OTHER))


def k_str_repr():
    LOG.info(repr(Usher(OTHER)))


@singledispatch
def tell(thing):
    LOG.info(f"cannot tell about {thing} anything")


@tell.register
def _(thing: int):
    LOG.info(f"number {thing} flashes on the board")


def k_singledispatch():
    tell(NUMBER)
    tell(VALUE)


def retry(times):
    def deco(function):
        @functools.wraps(function)
        def inner(*args, **kwargs):
            for attempt in range(1, times + 1):
                try:
                    return function(*args, **kwargs)
                except OSError as exc:
                    LOG.warning("attempt %d of %s failed: %s", attempt, function.__name__, exc)
            LOG.error(f"giving up on {function.__qualname__} after {times} attempts")

        return inner

    return deco


@retry(2)
def k_retry():
    raise OSError(f"printer {VALUE} is offline since noon")


def announce(message):
    def deco(function):
        @functools.wraps(function)
        def inner(*args):
            LOG.info(message)
            return function(*args)

        return inner

    return deco


@announce("curtain goes up in five minutes")
def k_deco_literal():
    pass


def k_deco_lru():
    @lru_cache
    def price(row):
        LOG.info(f"price for row {row} was looked up")
        return 3

    price(VALUE)


@contextlib.contextmanager
def scene(name, *, quiet=False):
    LOG.info(f">>> scene {name} begins")
    try:
        yield name
    except ValueError as exc:
        LOG.exception(f"scene {name} was interrupted")
    else:
        LOG.info("<<< scene %s ended well", name)


def k_cm():
    with scene("balcony " + VALUE):
        pass


def k_cm_error():
    with scene(VALUE):
        raise ValueError("actor forgot the third line")


def k_exit_stack():
    with ExitStack() as stack:
        stack.callback(LOG.info, "stage lights switched off")
        stack.enter_context(scene("storm"))


@asynccontextmanager
async def rehearsal(room):
    LOG.info(f"rehearsal in room {room} starts")
    yield
    LOG.info("rehearsal room locked again")


async def k_async_cm():
    async with rehearsal(VALUE):
        await asyncio.sleep(0)


class Bus:
    def __init__(self):
        self.handlers = {}

    def on(self, name):
        def register(function):
            self.handlers[name] = function
            return function

        return register

    def fire(self, name, *args):
        self.handlers[name](*args)


bus = Bus()


@bus.on("sold")
def sold(seat):
    LOG.info(f"seat {seat} turned red on the map")


def k_bus():
    bus.fire("sold", VALUE)


def k_queue_handler():
    box = queue.Queue()
    logger = logging.getLogger("stalls.queued")
    logger.propagate = False
    logger.addHandler(logging.handlers.QueueHandler(box))
    listener = logging.handlers.QueueListener(box, *logging.getLogger().handlers)
    listener.start()
    logger.warning("queued word about %s reached us", VALUE)
    listener.stop()


class Context(logging.Filter):
    def filter(self, record):
        record.house = "grand"
        return True


def k_filter():
    logger = logging.getLogger("stalls.filtered")
    logger.addFilter(Context())
    logger.info("filtered note on %s kept", VALUE)


class Prefixing(logging.LoggerAdapter):
    def process(self, msg, kwargs):
        kwargs.setdefault("extra", {}).update(self.extra)
        return "%s | %s" % (self.extra["guest"], msg), kwargs


def k_adapter():
    Prefixing(LOG, {"guest": OTHER}).info("moved to row %s at no charge", VALUE)


def k_adapter_fstring():
    Prefixing(LOG, {"guest": OTHER}).error(f"voucher {VALUE} was already used up")


def k_extra_fields():
    LOG.warning("gift card declined", extra={"reason": "expired_card", "channel": "web", "guest": OTHER, "tries": 3})


def k_extra_variable():
    fields = {"stage": "main", "guest": OTHER}
    fields["act"] = "second"
    LOG.info("act was announced", extra=fields)


def k_json_dumps():
    LOG.info(json.dumps({"event": "tickets were reprinted", "guest": OTHER}))


def k_json_msg():
    LOG.info("payload received: %s", json.dumps({"guest": OTHER}))


def k_exc_only():
    try:
        raise RuntimeError(f"trapdoor {VALUE} opened too early")
    except RuntimeError as exc:
        LOG.error(exc)


def k_exc_str():
    try:
        raise RuntimeError(f"fog machine {VALUE} overheated badly")
    except RuntimeError as exc:
        LOG.error(str(exc))


def k_exc_f():
    try:
        raise RuntimeError("hydraulic lift lost pressure")
    except RuntimeError as exc:
        LOG.error(f"stage failure: {exc}", exc_info=True)


def k_exc_type():
    try:
        int(VALUE)
    except Exception as exc:
        LOG.error("%s while reading the meter: %s", type(exc).__name__, exc, exc_info=exc)


def k_traceback():
    try:
        raise LookupError("prompt book page is missing")
    except LookupError:
        LOG.error("prompter panicked:\n%s", traceback.format_exc())


def k_exc_chain():
    try:
        try:
            raise OSError("cable of the spotlight burnt")
        except OSError as exc:
            raise RuntimeError(f"spotlight on {OTHER} went dark") from exc
    except RuntimeError:
        LOG.critical("show stopped at the climax", exc_info=True)


def k_exc_tuple():
    try:
        raise TypeError("chorus entered from the wrong side")
    except TypeError:
        LOG.warning("stage manager noted it", exc_info=sys.exc_info())


def k_list_comp():
    LOG.info("sold so far: %s", [s for s in order.seats])


def k_join_map():
    LOG.warning("unpaid orders: " + ", ".join(map(str, [VALUE, NUMBER])))


def k_join_f():
    LOG.warning(f"rows {', '.join(order.seats)} smell of paint")


def k_join_parts():
    parts = ["intermission"]
    if order.ref:
        parts.append(f"extended for {order.guest}")
    parts.append("bar stays open")
    LOG.info(" - ".join(parts))


def k_counter():
    for name, count in Counter([VALUE, VALUE]).items():
        LOG.info("%s visited %d performances", name, count)


def k_loop_enumerate():
    for index, seat in enumerate([VALUE], start=1):
        LOG.info(f"#{index}: seat {seat} wiped clean")


def k_reduce_msg():
    text = "choir needs"
    for voice in (VALUE,):
        text += f" {voice}"
    LOG.info(text + " more rehearsals")


def k_walrus_match():
    if (m := re.match(r"(\w+)", order.ref)) and (word := m.group(1)):
        LOG.info("reference starts with %s as usual", word)


def k_match_class():
    match order:
        case Order(guest=g) if g:
            LOG.info(f"guest of honour {g} sits in the box")
        case _:
            LOG.info("nobody of note tonight")


def k_match_return():
    def label(n):
        match n:
            case 0:
                return "stage is empty"
            case _:
                return f"stage holds {n} people at most"

    LOG.info(label(NUMBER))


def k_if_return():
    def verdict(n):
        if n > 3:
            return "audience applauded for long"
        return "audience left in silence"

    LOG.info(verdict(NUMBER))


def k_dict_get():
    texts = {"x": "critics were delighted", "y": "critics walked out"}
    LOG.info(texts.get("x", "critics said nothing"))


def k_lambda_map():
    list(map(lambda s: LOG.info(f"seat {s} got a cushion"), [VALUE]))


def k_operator():
    LOG.info(operator.concat("ticket stub of ", order.guest))


def k_thread_timer():
    timer = threading.Timer(0, LOG.warning, args=("fire drill bell at gate %s rang", VALUE))
    timer.start()
    timer.join()


async def k_call_soon():
    loop = asyncio.get_running_loop()
    loop.call_soon(LOG.info, "deferred bow to %s happened", VALUE)
    await asyncio.sleep(0.01)


async def k_to_thread():
    def work(x):
        LOG.info(f"archived recording {x} on tape")

    await asyncio.to_thread(work, VALUE)


async def k_wait_for():
    try:
        await asyncio.wait_for(asyncio.sleep(3), timeout=0.01)
    except TimeoutError:
        LOG.warning("soprano did not answer for %s within a second", VALUE)


async def k_as_completed():
    async def one(x):
        LOG.info(f"understudy {x} was called in")

    for task in asyncio.as_completed([one(VALUE)]):
        await task


async def k_async_comp():
    async def rows():
        for row in (VALUE,):
            LOG.debug("row %s streamed from the archive", row)
            yield row

    [r async for r in rows()]


def k_gen_send():
    def conversation():
        while True:
            word = yield
            if word is None:
                return
            LOG.info("dialogue line %s spoken aloud", word)

    c = conversation()
    next(c)
    c.send(VALUE)
    with suppress(StopIteration):
        c.send(None)


def k_warn_category():
    class SeatWarning(UserWarning):
        pass

    warnings.warn(f"plan of hall {VALUE} is from last year", SeatWarning, stacklevel=2)


def k_warn_obj():
    warnings.warn(FutureWarning("paper tickets end next spring"), stacklevel=1)


def k_capital():
    LOG.info("Mrs. Director's car has arrived at the Stage Door")


def k_unicode():
    LOG.info(f"Bühne für {OTHER} ist frei – Vorhang auf")


def k_percent_literal():
    LOG.info("capacity reached 100%% for %s tonight", VALUE)


def k_percent_no_args():
    LOG.info("discount of 20% ends at midnight")


def k_braces():
    LOG.info(f"json {{'seat': {VALUE!r}}} was odd")


def k_multiline_f():
    LOG.info(
        f"""Dear {OTHER},
your matinee was rescheduled.
The house"""
    )


def k_upper():
    LOG.info(f"closing night for {OTHER}".upper())


def k_replace():
    LOG.info("act one\tscene two".replace("\t", " / "))


def k_ljust():
    LOG.info("orchestra tuned".ljust(40, ".") + "ok")


def k_shorten():
    LOG.info(textwrap.shorten("stage door keeper found a very long note on the floor", 200))


def k_zip():
    for (label, value) in zip(("left wing holds", "right wing holds"), (VALUE, OTHER)):
        LOG.info("%s %s boxes", label, value)


def k_nested_function_default():
    def inner(text=f"encore was requested"):
        LOG.info(text)

    inner()


def k_security():
    security.warning("failed login for %r from the stage door", OTHER)


def k_log_level_name():
    LOG.log(logging.getLevelName("WARNING"), "prop sword %s went missing", VALUE)


def k_getattr_level():
    getattr(LOG, "error")(f"orchestra pit flooded near {VALUE}")


def k_handler_error():
    LOG.info("sold %d seats to %s today", NUMBER, OTHER)


IDIOMS = [f for n, f in list(globals().items()) if n.startswith("k_")]
