"""Errors with codes, tables, mixins; logs of teams."""

import datetime
import decimal
import enum
import logging
import logging.config
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, asdict

from fair import people

logger = logging.getLogger(__name__)


class Code(enum.Enum):
    E100 = "stall {stall} is taken"
    E200 = "stall {stall} is closed"

    def __call__(self, **kw):
        return self.value.format(**kw)


def idiom_enum_template():
    raise ValueError(Code.E100.value.format(stall=people.MRN))


def idiom_enum_call():
    raise ValueError(Code.E200(stall=people.MRN))


class Problem(enum.Enum):
    RAIN = (1, "rain ruined the stall of %s")
    WIND = (2, "wind took the roof of %s")

    def __init__(self, number, text):
        self.number = number
        self.text = text


def idiom_enum_tuple_attr():
    logger.error(Problem.RAIN.text, people.NAME)


def idiom_enum_tuple_percent():
    raise RuntimeError(Problem.WIND.text % people.NAME)


class StallError(Exception):
    template = "stall of {owner} failed"

    def __init__(self, **kw):
        super().__init__(self.template.format(**kw))


class StallBurnt(StallError):
    template = "stall of {owner} burnt at {when}"


def idiom_class_template():
    raise StallBurnt(owner=people.NAME, when=people.DOB_TEXT)


class CodedError(Exception):
    code = "unknown"

    def __init__(self, msg=None, *args):
        self.msg = msg or self.__doc__
        super().__init__(self.msg % args if args else self.msg)

    def __str__(self):
        return f"[{self.code}] {self.msg}"


class TentError(CodedError):
    """The tent is torn."""

    code = "tent_torn"


def idiom_coded_error():
    raise TentError(f"tent of {people.NAME} is torn")


def idiom_doc_message():
    raise TentError()


class Base(Exception):
    def __init__(self, *args):
        super().__init__(self.describe(*args))

    def describe(self, *a):
        return "base problem"


class Market(Base):
    def describe(self, town):
        return f"market in {town} called off"


def idiom_describe_hook():
    raise Market(people.CITY)


class LogMixin:
    def _log(self, level, msg, *args):
        logger.log(level, f"{type(self).__name__}: {msg}", *args)


class Fair(LogMixin):
    def open(self):
        self._log(logging.WARNING, "gate of %s stuck", people.NAME)


def idiom_log_mixin():
    Fair().open()


def log_and_raise(msg, *args):
    text = msg % args
    logger.error(text)
    raise RuntimeError(text)


def idiom_log_and_raise():
    log_and_raise("permit of %s ran out", people.NAME)


def idiom_helper_fmt_kwargs():
    def fail(fmt, **kw):
        raise ValueError(fmt.format(**kw))

    fail("permit {p} ran out", p=people.MRN)


def require(cond, msg):
    if not cond:
        raise ValueError(msg)


def idiom_require():
    require(not people.NAME, f"no permit for {people.NAME}")


def idiom_assert():
    assert not people.NAME, f"no permit at all for {people.NAME}"


def idiom_assert_percent():
    assert False, "no stall left for %s" % (people.NAME,)


def idiom_format_spec():
    logger.info(
        f"stall fee of {decimal.Decimal('12.5'):.2f} EUR due on {datetime.date.today():%d.%m.%Y} by {people.NAME}"
    )


def idiom_conditional_piece():
    vip = bool(people.NAME)
    logger.info(f"stall taken by {people.NAME}{' (regular)' if vip else ''}")


def idiom_conditional_in_format():
    vip = bool(people.NAME)
    logger.info("stall {} taken {}".format(people.MRN, "early" if vip else "late"))


def idiom_conditional_args():
    vip = bool(people.NAME)
    logger.info("closing %s %s", people.MRN, "in the evening" if vip else "at noon")


def idiom_conditional_message():
    logger.info("stall empty" if people.NAME else "stall full")


def idiom_lambda_builder():
    build = lambda where: f"stall moved to {where}"
    logger.info(build(people.CITY))


def idiom_nested_builder():
    def build(where):
        return "stall moved to " + where

    logger.info(build(people.CITY))


class Notice:
    def __init__(self, who):
        self.who = who

    @property
    def text(self):
        return f"notice for {self.who} was posted"

    @staticmethod
    def brief(who):
        return "notice of %s hung up" % who

    @classmethod
    def late(cls, who):
        return "late notice of {}".format(who)


def idiom_property_text():
    logger.info(Notice(people.NAME).text)


def idiom_static_text():
    logger.info(Notice.brief(people.NAME))


def idiom_classmethod_text():
    raise ValueError(Notice.late(people.NAME))


def idiom_thread_log():
    def work(who):
        try:
            raise ValueError(who)
        except ValueError:
            logger.exception("thread for %s crashed", who)

    t = threading.Thread(target=work, args=(people.NAME,))
    t.start()
    t.join()


def idiom_pool_error():
    def work(who):
        raise ValueError(f"pool job of {who} crashed")

    with ThreadPoolExecutor(1) as ex:
        ex.submit(work, people.NAME).result()


class Filter(logging.Filter):
    def filter(self, record):
        record.msg = f"[fair] {record.msg}"
        return True


flog = logging.getLogger("fair.filtered")
flog.addFilter(Filter())


def idiom_filter_prefix():
    flog.warning("gate shut for %s", people.NAME)


class Audit:
    def __init__(self, who):
        self.who = who
        self.log = logging.LoggerAdapter(logger, {"who": who})

    def note(self, msg, *args):
        self.log.info("audit: " + msg, *args)


def idiom_audit_prefix():
    Audit(people.NAME).note("opened till of %s", people.NAME)


class RequestLog:
    def __init__(self, user):
        self.user = user

    def info(self, msg):
        logger.info(f"<{self.user}> {msg}")

    def __getattr__(self, name):
        return getattr(logger, name)


def idiom_request_log():
    RequestLog(people.NAME).info("closed the till")


def idiom_request_log_getattr():
    RequestLog(people.NAME).error("closed the till of %s", people.NAME)


def idiom_pairs_joined():
    pairs = {"sold": people.PID, "lost": people.MRN}
    logger.info("till summary: " + ", ".join(f"{k}={v}" for k, v in pairs.items()))


def idiom_dict_arg():
    logger.info("counts: %s", {"sold": people.PID, "lost": people.MRN})


def idiom_asdict():
    @dataclass
    class C:
        sold: int
        lost: str

    logger.info(f"counts are {asdict(C(people.PID, people.MRN))}")


def idiom_missing_columns():
    missing = sorted({"name", "phone"} - {people.NAME})
    raise ValueError(f"missing columns: {', '.join(missing)}")


def idiom_type_mismatch():
    v = people.PID
    raise TypeError(f"expected str, got {type(v).__name__}")


def idiom_python_type_error():
    people.NAME + 1


def idiom_wrap_quotes():
    try:
        int(people.NAME)
    except ValueError as e:
        raise RuntimeError("bad till number: " + str(e)) from e


def idiom_wrap_quotes_log():
    try:
        int(people.NAME)
    except ValueError as e:
        logger.error("bad till number: %s", str(e))


def idiom_repr_exc():
    try:
        int(people.NAME)
    except ValueError as e:
        logger.error("till failed: %r", e)


def idiom_repr_exc_f():
    try:
        int(people.NAME)
    except ValueError as e:
        logger.error(f"till failed after {12.5:.1f} seconds: {e!r}")


def idiom_format_exc():
    try:
        int(people.NAME)
    except ValueError:
        logger.error("till failed: %s", traceback.format_exc())


def idiom_mutated_args():
    try:
        raise ValueError("no coin for " + people.NAME)
    except ValueError as e:
        e.args = (f"key {people.MRN} is not in the till",) + e.args[1:]
        raise


def idiom_type_exc_reraise():
    try:
        raise ValueError("no coin for " + people.NAME)
    except ValueError as e:
        raise type(e)(f"while closing: {e}") from e


def idiom_exit_message():
    raise SystemExit(f"no coin for {people.NAME}")


MESSAGES = {"late": "tour of {who} is late", "lost": "tour of {who} is lost"}


def idiom_catalogue_constant():
    logger.error(MESSAGES["late"].format(who=people.NAME))


def idiom_catalogue_helper():
    def say(key, **kw):
        return MESSAGES[key].format(**kw)

    logger.error(say("late", who=people.NAME))


class Messages:
    LATE = "basket of %s is late"
    LOST = "basket of {} is lost"


def idiom_messages_class():
    logger.error(Messages.LATE, people.NAME)


def idiom_messages_class_format():
    raise LookupError(Messages.LOST.format(people.NAME))


def idiom_multi_concat():
    raise ValueError(f"part one of the message names {people.NAME} and part two ends it")


def idiom_backslash_concat():
    msg = "no seat for %s at table %s"
    logger.error(msg, people.NAME, people.MRN)


def idiom_percent_tuple_var():
    args = (people.NAME, 10)
    logger.error("queue is at %s of %d" % args)


def idiom_starred_format():
    args = (people.NAME, 10)
    logger.error("queue of {} moved by {}".format(*args))


def idiom_starstar_format():
    kw = dict(who=people.NAME)
    logger.error("queue of {who} moved".format(**kw))


def idiom_format_map():
    logger.error("queue of {who} moved".format_map({"who": people.NAME}))


def idiom_oserror():
    raise OSError(2, f"cannot read the file of {people.NAME} at line 3")


def idiom_file_missing():
    open("/nonexistent/" + people.NAME)


def idiom_file_missing_wrapped():
    try:
        open("/nonexistent/" + people.NAME)
    except OSError as e:
        raise RuntimeError(f"could not open menu: {e}") from e


def idiom_file_strerror():
    try:
        open("/nonexistent/" + people.NAME)
    except OSError as e:
        raise RuntimeError(f"could not open menu: {e.strerror}") from e


def idiom_stop_chain():
    def gen():
        yield 1
        raise ValueError(f"bad menu entry {people.NAME}")

    list(gen())


def idiom_super_kwargs():
    class Booked(Exception):
        def __init__(self, who, *, table):
            self.who, self.table = who, table
            super().__init__(who, table)

        def __str__(self):
            return "cannot book {0.who} twice at {0.table}".format(self)

    raise Booked(people.NAME, table=people.MRN)


def idiom_msg_attribute():
    class Seated(Exception):
        def __init__(self, who):
            self.message = f"cannot seat {who}"
            super().__init__(self.message)

    raise Seated(people.NAME)


def idiom_fmt_var_level():
    level = logging.getLevelName("WARNING")
    logger.log(level, "guest %s left", people.NAME)


def idiom_print_style():
    parts = ("menu", people.NAME, "not printed")
    logger.info(" ".join(parts))


def idiom_join_map():
    logger.info(" ".join(map(str, ["menu", people.PID, "not printed"])))


def idiom_nested_fstring():
    logger.info(f"menu for {people.NAME} is {f'{3} pages' if people.NAME else 'no page'} too long")


def idiom_prefix_constant():
    PREFIX = "kitchen: "
    logger.info(PREFIX + f"oven of {people.NAME} cold")


def idiom_extra_reason():
    logger.warning("oven of %s is cold", people.NAME, extra={"reason": "no gas"})
